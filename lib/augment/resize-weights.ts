/** What each output pixel of one axis takes from the input: `taps` neighboring pixels from `first` on. */
export interface ResizeWeights {
  taps: number;
  /** Per output pixel, its first input pixel. */
  first: Int32Array;
  /** Per output pixel, `taps` weights; they add up to about 1 << WEIGHT_BITS. */
  weights: Int32Array;
}

/** Pillow's fixed point: 32 bits less 8 for the pixel and 2 to spare. */
export const WEIGHT_BITS = 22;

const known = new Map<string, ResizeWeights>();

/**
 * The weights of Pillow's antialiased bilinear resize of one axis: a triangle as wide as two output pixels,
 * or two input pixels where the image grows. Computed once for each pair of sizes.
 */
export function resizeWeights(inputSize: number, outputSize: number): ResizeWeights {
  const key = `${inputSize}:${outputSize}`;
  let found = known.get(key);
  if (found === undefined) {
    found = computeWeights(inputSize, outputSize);
    known.set(key, found);
  }
  return found;
}

function computeWeights(inputSize: number, outputSize: number): ResizeWeights {
  const scale = inputSize / outputSize;
  const support = Math.max(scale, 1);
  const windows = Array.from({ length: outputSize }, (_, output) => {
    const center = (output + 0.5) * scale;
    const from = Math.max(Math.trunc(center - support + 0.5), 0);
    const to = Math.min(Math.trunc(center + support + 0.5), inputSize);
    const triangle = Array.from({ length: to - from }, (_, i) =>
      Math.max(0, 1 - Math.abs((i + from - center + 0.5) * (1 / support))),
    );
    const sum = triangle.reduce((a, b) => a + b, 0);
    return { from, weights: triangle.map((w) => Math.trunc(0.5 + (w / sum) * (1 << WEIGHT_BITS))) };
  });

  // Windows at the border are shorter. All get the same number of taps, the missing ones with weight 0, and
  // are moved inwards so that none reads outside the image.
  const taps = Math.max(...windows.map((window) => window.weights.length));
  const first = new Int32Array(outputSize);
  const weights = new Int32Array(outputSize * taps);
  windows.forEach((window, output) => {
    first[output] = Math.min(window.from, inputSize - taps);
    weights.set(window.weights, output * taps + window.from - first[output]);
  });
  return { taps, first, weights };
}
