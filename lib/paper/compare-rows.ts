import { UserError, unknownName } from '../core/errors';
import { type Interval, kendallInterval, kendallTau } from '../core/paired-statistics';
import { distinct } from '../core/statistics';
import type { Table } from '../core/table';
import { datasetName } from '../data';
import { type ComparedAccuracy, compareRuns, type RunComparison } from '../results';
import type { Cell, FilledTable } from './cells';
import { signed } from './show';
import type { Metric } from './table';

/** A row of a table against the reference row, over the seeds that both have. */
export interface RowComparison {
  row: string;
  reference: string;
  dataset: string;
  metric: Metric;
  comparison: RunComparison;
}

/** How far our order of the rows of a table agrees with the published one. */
export interface RankAgreement {
  dataset: string;
  metric: Metric;
  /** Rows that have both numbers. */
  rows: number;
  tau: number;
  interval?: Interval;
}

const accuracies: Partial<Record<Metric['name'], ComparedAccuracy>> = {
  'linear-top1': 'linear',
  'knn-top1': 'knn',
};

/**
 * Compares each row of a table with one of them, for each dataset and accuracy that ran.
 * @param reference a row's label or method; default: the row of MNN, else the first that ran.
 * @throws UserError if the table has no such row, or its records cannot be compared.
 */
export function compareRows({ cells, rows }: FilledTable, reference?: string): RowComparison[] {
  const named = rows.find(({ label, method }) => reference === label || reference === method);
  if (reference !== undefined && !named) {
    throw unknownName(
      'row',
      reference,
      rows.map(({ label }) => label),
    );
  }
  const ran = cells.filter(({ metric, records }) => accuracies[metric.name] && records.length > 0);
  const row = named ?? ran.find(({ row }) => row.method === 'mnn')?.row ?? ran[0]?.row;
  const references = ran.filter((cell) => cell.row === row);
  return references.flatMap((one) =>
    ran
      .filter((cell) => cell.dataset === one.dataset && cell.metric === one.metric && cell.row !== one.row)
      .flatMap((cell) => {
        const seeds = new Set(one.records.map(({ config }) => config.seed));
        if (!cell.records.some(({ config }) => seeds.has(config.seed))) return [];
        return [
          {
            row: cell.row.label,
            reference: one.row.label,
            dataset: one.dataset,
            metric: one.metric,
            comparison: compareRuns(cell.records, one.records, accuracies[one.metric.name]!),
          },
        ];
      }),
  );
}

/** Kendall's tau of our order and the published one, for each dataset and metric with four rows or more of both. */
export function rankAgreement({ cells }: FilledTable): RankAgreement[] {
  const keyOf = ({ dataset, metric }: Cell) => `${dataset} ${metric.name}`;
  return distinct(cells.map(keyOf)).flatMap((key) => {
    const group = cells.filter((cell) => keyOf(cell) === key);
    const both = group
      .filter((cell): cell is Cell & { mean: number } => cell.mean !== null && !!cell.published)
      // Rows that share a published number, such as MNN with norm3 and with norm1, are no two ranks.
      .filter((cell, i, all) => all.findIndex(({ published }) => published === cell.published) === i);
    const ours = both.map(({ mean }) => mean);
    const published = both.map((cell) => cell.published!.value);
    const tau = both.length < 4 ? undefined : kendallTau(ours, published);
    if (tau === undefined) return [];
    const { dataset, metric } = both[0];
    const interval = kendallInterval(ours, published);
    return [{ dataset, metric, rows: both.length, tau, ...(interval && { interval }) }];
  });
}

/**
 * The comparisons as a table: difference to the reference in points, its intervals, and what can be said.
 * @throws UserError as `compareRows` does, and if nothing can be compared yet.
 */
export function comparisonOfRows(filled: FilledTable, reference?: string): Table {
  const comparisons = compareRows(filled, reference);
  if (comparisons.length === 0) {
    throw new UserError(
      `Nothing of table ${filled.table.name} can be compared: two rows with records of the same seed are needed.`,
    );
  }
  const range = ([low, high]: Interval) => `${signed(low, 2)} to ${signed(high, 2)}`;
  return {
    columns: [
      { key: 'row', label: 'row', align: 'left' },
      { key: 'dataset', label: 'dataset', align: 'left' },
      { key: 'metric', label: 'metric', align: 'left' },
      { key: 'seeds', label: 'seeds', align: 'right' },
      { key: 'difference', label: `minus ${comparisons[0].reference}`, align: 'right' },
      { key: 'interval', label: '95 %, images and seeds', align: 'right' },
      { key: 'seedInterval', label: '95 %, seeds', align: 'right' },
      { key: 'verdict', label: 'verdict', align: 'left' },
    ],
    rows: comparisons.map(({ row, dataset, metric, comparison }) => ({
      row,
      dataset: datasetName(dataset),
      metric: metric.label,
      seeds: comparison.seeds.length,
      difference: signed(comparison.mean, 2),
      interval: range(comparison.interval),
      seedInterval: comparison.seedInterval ? range(comparison.seedInterval) : null,
      verdict: comparison.reason ? `${comparison.verdict}: ${comparison.reason}` : comparison.verdict,
    })),
    notes: [explanation, ...rankAgreement(filled).map(agreementNote)],
  };
}

const explanation =
  'Differences in points over the same seeds and the same test images. "95 %, images and seeds" is a bootstrap over ' +
  'both; "95 %, seeds" is Student\'s over the seeds\' differences. A row is higher or lower only if both exclude 0.';

function agreementNote({ dataset, metric, rows, tau, interval }: RankAgreement): string {
  const range = interval
    ? ` (95 % bootstrap over rows: ${interval.map((end) => end.toFixed(2)).join(' to ')})`
    : '';
  return (
    `Order of ${rows} rows against the published order, ${datasetName(dataset)}, ${metric.label}: ` +
    `Kendall's tau ${tau.toFixed(2)}${range}.`
  );
}
