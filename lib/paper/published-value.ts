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
 * Every published number of a line on a dataset, the one that counts first; none where the options are not those
 * that the numbers were published for.
 * @param given options that are set for the whole table, for methods that have them.
 */
export function publishedValues(
  row: PaperRow,
  dataset: string,
  metric: Metric,
  published: readonly PublishedNumber[] = loadPublished(),
  given: Record<string, unknown> = {},
): PublishedNumber[] {
  if (!isPaperDataset(dataset)) return [];
  const { method, options } = row;
  const own = paperSettings(method, dataset).options;
  const known = Object.fromEntries(Object.entries(given).filter(([name]) => name in own));
  const ofLine = methodOptions(method, { ...own, ...options });
  const name = row.published ?? (isDeepStrictEqual(ofLine, own) ? { method } : undefined);
  if (!name || !isDeepStrictEqual(methodOptions(method, { ...own, ...known, ...options }), ofLine)) return [];
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
