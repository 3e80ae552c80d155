import type { RunRecord } from './record';

/**
 * One run as a flat row. What was not measured is NaN, which is what data frames take for a missing value: danfojs
 * computes with null as if it were 0.
 */
export interface RecordRow {
  id: string;
  method: string;
  dataset: string;
  preset: string;
  seed: number;
  scale: 'paper' | 'reduced';
  epochs: number;
  width: number;
  knnTop1: number;
  knnK: number;
  linearTop1: number;
  linearTop5: number;
  rawPixelKnnTop1: number;
  rawPixelLinearTop1: number;
  purity: number;
  loss: number;
  totalSeconds: number;
  imagesPerSecond: number;
}

/** The records as flat rows, for a data frame or a chart of one's own. */
export function recordRows(records: readonly RunRecord[]): RecordRow[] {
  return records.map(({ id, config, scale, metrics, timing }) => ({
    id,
    method: config.method,
    dataset: config.dataset,
    preset: config.preset,
    seed: config.seed,
    scale,
    epochs: config.training.epochs,
    width: config.model.width,
    knnTop1: metrics.knnTop1 ?? Number.NaN,
    knnK: metrics.knnK ?? Number.NaN,
    linearTop1: metrics.linearTop1 ?? Number.NaN,
    linearTop5: metrics.linearTop5 ?? Number.NaN,
    rawPixelKnnTop1: metrics.rawPixelKnnTop1 ?? Number.NaN,
    rawPixelLinearTop1: metrics.rawPixelLinearTop1 ?? Number.NaN,
    purity: metrics.purity ?? Number.NaN,
    loss: metrics.loss ?? Number.NaN,
    totalSeconds: timing.totalSeconds,
    imagesPerSecond: timing.imagesPerSecond,
  }));
}
