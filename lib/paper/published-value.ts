import { isDeepStrictEqual } from 'node:util';
import { isPaperDataset, methodOptions, paperSettings } from '../methods';
import { loadPublished, type PublishedNumber } from '../results';
import type { Metric } from './metrics';
import type { PaperRow } from './table';

/**
 * The sources in the order in which a cell takes its number from them: first the code that the kit follows, then
 * the authors' older tables, last a sibling paper's. The authors' own README has MSF from before the fix.
 */
const preferred = [
  'benchmark-readme',
  'mnn-readme',
  'mnn-readme-2023-11-04',
  'benchmark-readme-before-fix',
  'mnn-readme-2023-11-02',
  'msvq',
];

/**
 * Every published number of a line on a dataset, the one that counts first; none where the line's options are
 * not those that the numbers were published for.
 */
export function publishedValues(
  row: PaperRow,
  dataset: string,
  metric: Metric,
  published: readonly PublishedNumber[] = loadPublished(),
): PublishedNumber[] {
  const name = row.published ?? (hasOwnSettings(row, dataset) ? { method: row.method } : undefined);
  if (!name) return [];
  const rank = ({ sourceName }: PublishedNumber) =>
    preferred.includes(sourceName) ? preferred.indexOf(sourceName) : preferred.length;
  return published
    .filter(
      (number) =>
        number.method === name.method &&
        number.variant === name.variant &&
        number.dataset === dataset &&
        number.metric === metric.name,
    )
    .sort((a, b) => rank(a) - rank(b));
}

/** Whether the line is the method as the comparison has it. */
function hasOwnSettings({ method, options }: PaperRow, dataset: string): boolean {
  if (!isPaperDataset(dataset)) return false;
  const own = paperSettings(method, dataset).options;
  return isDeepStrictEqual(methodOptions(method, { ...own, ...options }), own);
}
