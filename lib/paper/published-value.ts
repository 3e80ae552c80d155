import { methodOptions } from '../methods';
import type { Metric } from './metrics';
import type { PublishedNumber } from './published';
import { publishedFor } from './published-for';
import type { PaperRow } from './table';

/**
 * Every published number of a line on a dataset, the one that counts first; none where the options are neither
 * those that the numbers were made with nor the kit's own for the method. MNN's were made with another mixing than
 * the kit's own: a line that is about the mixing has them only with theirs.
 * @param given options that are set for the whole table, for methods that have them.
 */
export function publishedValues(
  { method, options, exact }: PaperRow,
  dataset: string,
  metric: Metric,
  published?: readonly PublishedNumber[],
  given: Record<string, unknown> = {},
): PublishedNumber[] {
  const own = methodOptions(method, {});
  const known = Object.entries(given).filter(([name]) => name in own) as [string, string | number][];
  const set = { ...Object.fromEntries(known), ...options };
  return publishedFor({ method, dataset, options: set }, metric.name, { published, exact });
}
