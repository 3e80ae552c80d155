import { loadPublished, type PublishedNumber } from './published';
import type { Metric } from './table';

/** What a cell's runs say about the published number. */
export type Verdict =
  | 'reproduced'
  | 'differs'
  /** Not the paper's scale: nothing is said. */
  | 'reduced scale'
  /** The paper's scale, but no number to compare with. */
  | 'not published'
  | 'not run'
  /** There are runs, but without this measurement. */
  | 'not measured';

/**
 * Standard deviation of one published number, in the metric's unit: what the authors' two tables of the same
 * methods, before and after a fix that they say had little effect, differ by. The difference of two numbers has
 * the square root of 2 times the deviation of one. Null where there are no two tables.
 */
export function publishedDeviation(
  metric: Metric['name'],
  published: readonly PublishedNumber[] = loadPublished(),
): number | null {
  const of = (source: string) =>
    published.filter((number) => number.sourceName === source && number.metric === metric);
  const now = of('benchmark-readme');
  const squares = of('benchmark-readme-before-fix').flatMap((before) => {
    const after = now.find(
      ({ method, variant, dataset }) =>
        method === before.method && variant === before.variant && dataset === before.dataset,
    );
    return after ? [(after.value - before.value) ** 2] : [];
  });
  if (squares.length < 2) return null;
  return Math.sqrt(squares.reduce((sum, square) => sum + square, 0) / squares.length / 2);
}

/**
 * How far our mean of `runs` seeds may be from a published number, which is of one seed, to count as the same:
 * two standard deviations of the difference of the two. Purity was published once, with two decimals: there it
 * is 0.02, chosen.
 */
export function tolerance(
  metric: Metric['name'],
  runs: number,
  published: readonly PublishedNumber[] = loadPublished(),
): number | null {
  const deviation = publishedDeviation(metric, published);
  if (deviation !== null) return 2 * deviation * Math.sqrt(1 + 1 / runs);
  return metric === 'purity' ? 0.02 : null;
}
