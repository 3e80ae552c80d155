import type { RunRecord } from './record';

/** One run as a flat row, as data frames want it; what was not measured is null. */
export interface RecordRow {
  id: string;
  method: string;
  dataset: string;
  preset: string;
  seed: number;
  scale: 'paper' | 'reduced';
  epochs: number;
  width: number;
  knnTop1: number | null;
  knnK: number | null;
  linearTop1: number | null;
  linearTop5: number | null;
  purity: number | null;
  loss: number | null;
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
    knnTop1: metrics.knnTop1,
    knnK: metrics.knnK,
    linearTop1: metrics.linearTop1,
    linearTop5: metrics.linearTop5,
    purity: metrics.purity,
    loss: metrics.loss,
    totalSeconds: timing.totalSeconds,
    imagesPerSecond: timing.imagesPerSecond,
  }));
}
