/**
 * The class of the highest score in each row: of equal scores the lowest class, and -1 if a score is not a number.
 * @param scores [rows, classes], row after row.
 */
export function predictedClasses(scores: Float32Array | Float64Array, classes: number): Int32Array {
  return Int32Array.from({ length: scores.length / classes }, (_, row) => {
    const own = scores.subarray(row * classes, (row + 1) * classes);
    let best = 0;
    own.forEach((score, c) => {
      if (score > own[best]) best = c;
    });
    return own.some(Number.isNaN) ? -1 : best;
  });
}

/** Share of predictions, in percent, that are the target. */
export function accuracyOf(predictions: Int32Array, targets: Int32Array): number {
  const correct = predictions.reduce((sum, predicted, i) => sum + Number(predicted === targets[i]), 0);
  return (100 * correct) / targets.length;
}

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
