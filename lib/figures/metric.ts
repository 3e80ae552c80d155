import { UserError, unknownName } from '../core/errors';
import type { RunRecord } from '../results';

/** An accuracy of a whole run. */
export const accuracyMetrics = ['linear-top1', 'knn-top1'] as const;
export type AccuracyMetric = (typeof accuracyMetrics)[number];

const titles: Record<AccuracyMetric, string> = {
  'linear-top1': 'linear accuracy, top-1 (%)',
  'knn-top1': 'k-NN accuracy, top-1 (%)',
};

export function metricTitle(metric: AccuracyMetric): string {
  return titles[metric];
}

/** The accuracy of a run in percent; null where it was not measured. */
export function metricValue({ metrics }: RunRecord, metric: AccuracyMetric): number | null {
  return metric === 'linear-top1' ? metrics.linearTop1 : metrics.knnTop1;
}

/** @throws UserError for a name that is no metric, or where no record has it. */
export function recordsWith(records: readonly RunRecord[], metric: AccuracyMetric): RunRecord[] {
  if (!accuracyMetrics.includes(metric)) throw unknownName('metric', metric, accuracyMetrics);
  const measured = records.filter((record) => metricValue(record, metric) !== null);
  if (measured.length > 0) return measured;
  throw new UserError(`None of the records has ${metric}: draw another metric, or evaluate the runs.`);
}
