export interface CosineSchedule {
  baseLr: number;
  epochs: number;
  iterationsPerEpoch: number;
  warmupEpochs: number;
  /** Default 0. */
  finalLr?: number;
  /** Default 0. */
  warmupStart?: number;
}

/**
 * Learning rate of every iteration: a straight line from `warmupStart` to `baseLr`, both ends included, and
 * then half a cosine from `baseLr` toward `finalLr`. The authors' `cosine_scheduler`.
 */
export function cosineSchedule(schedule: CosineSchedule): Float64Array {
  const { baseLr, epochs, iterationsPerEpoch, warmupEpochs, finalLr = 0, warmupStart = 0 } = schedule;
  const warmup = warmupEpochs * iterationsPerEpoch;
  const rest = epochs * iterationsPerEpoch - warmup;
  return Float64Array.from({ length: Math.max(warmup + rest, 0) }, (_, iteration) => {
    if (iteration < warmup)
      return warmupStart + ((baseLr - warmupStart) * iteration) / Math.max(1, warmup - 1);
    const progress = (iteration - warmup) / rest;
    return finalLr + 0.5 * (baseLr - finalLr) * (1 + Math.cos(Math.PI * progress));
  });
}

/** Learning rate of every epoch: `lr`, a tenth of it after each milestone. */
export function stepSchedule(lr: number, epochs: number, milestones: number[]): Float64Array {
  return Float64Array.from(
    { length: epochs },
    (_, epoch) => lr * 0.1 ** milestones.filter((milestone) => epoch >= milestone).length,
  );
}
