/**
 * Moves the places of labels apart until neighbours are at least `gap` away from each other, with the least
 * movement (in squares) and all within `from`..`to` if they fit. The answer is in the order of the input; of
 * equal places the first comes out highest.
 */
export function placeLabels(places: readonly number[], gap: number, from: number, to: number): number[] {
  const ascending = places.map((_, i) => i).sort((a, b) => places[a] - places[b] || b - a);
  // With the gaps taken out, labels may touch but not cross: an isotonic regression.
  const squeezed = isotonic(ascending.map((i, rank) => places[i] - rank * gap));
  const highest = Math.max(from, to - (places.length - 1) * gap);
  const placed = new Array<number>(places.length);
  ascending.forEach((i, rank) => {
    placed[i] = Math.min(Math.max(squeezed[rank], from), highest) + rank * gap;
  });
  return placed;
}

/** The non-decreasing sequence nearest to the values: neighbours in the wrong order are replaced by their mean. */
function isotonic(values: number[]): number[] {
  const blocks: { sum: number; count: number }[] = [];
  for (const value of values) {
    let block = { sum: value, count: 1 };
    while (blocks.length > 0 && meanOf(blocks[blocks.length - 1]) > meanOf(block)) {
      const previous = blocks.pop()!;
      block = { sum: previous.sum + block.sum, count: previous.count + block.count };
    }
    blocks.push(block);
  }
  return blocks.flatMap((block) => new Array<number>(block.count).fill(meanOf(block)));
}

function meanOf({ sum, count }: { sum: number; count: number }): number {
  return sum / count;
}
