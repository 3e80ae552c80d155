/**
 * Share of rows, in percent, whose target is among the k highest scores.
 * @param scores [rows, classes], row after row; @param targets [rows].
 */
export function topKAccuracy(
  scores: Float32Array | Float64Array,
  targets: Int32Array,
  classes: number,
  k: number,
): number {
  let correct = 0;
  targets.forEach((target, row) => {
    const own = scores[row * classes + target];
    let higher = 0;
    for (let c = 0; c < classes; c++) {
      const other = scores[row * classes + c];
      // Of equal scores the class with the lower number comes first, as in an argmax; what is no number is
      // never below another score, so that a broken network has no class right.
      if (c !== target && !(other < own || (other === own && c > target))) higher++;
    }
    if (higher < k) correct++;
  });
  return (100 * correct) / targets.length;
}
