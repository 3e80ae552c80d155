import type { RunConfig } from '../config/run-config';
import { unknownName } from '../core/errors';
import { distinct, summarize } from '../core/statistics';
import { findMethod, methodOptions } from '../methods';
import { describeScale, type PresetOptions, paperScale, paperSeeds } from '../presets';
import { type RunRecord, recordId } from '../results';
import { checkComparedOptions, comparedConfig, missingRuns } from '../runs';
import { methodRow } from './comparison-tables';
import { loadPublished, type PublishedNumber } from './published';
import { publishedFor } from './published-for';
import type { Metric, PaperRow, PaperTable } from './table';
import { tolerance, type Verdict } from './verdict';

/** Which runs of a table are meant. */
export interface TableSelection extends Pick<PresetOptions, 'options' | 'override'> {
  preset: string;
  /** Default: the table's; for preset quick the built-in one. */
  datasets?: readonly string[];
  /** Lines of these methods alone. */
  methods?: readonly string[];
  /** Default: the row's, else the paper's three. */
  seeds?: readonly number[];
}

/** A line on a dataset: the runs it needs, one for each seed. */
export interface PlannedCell {
  row: PaperRow;
  dataset: string;
  configs: RunConfig[];
}

/** What the records say about one line, dataset and metric, beside what was published. */
export interface Cell extends PlannedCell {
  metric: Metric;
  /** Runs that have a record with this measurement. */
  runs: number;
  mean: number | null;
  /** Sample standard deviation over the seeds; null of fewer than two. */
  deviation: number | null;
  /** The number that counts, with its source. */
  published: PublishedNumber | null;
  /** The same in other sources. */
  alsoPublished: PublishedNumber[];
  /** Ours less the published one, and what it may be; null at a reduced scale. */
  difference: number | null;
  tolerance: number | null;
  verdict: Verdict;
  /** What differs from the paper's scale. */
  scaleReasons: string[];
  records: RunRecord[];
}

export interface FilledTable {
  table: PaperTable;
  selection: TableSelection;
  published: readonly PublishedNumber[];
  datasets: string[];
  rows: PaperRow[];
  /** Line by line, in each dataset by dataset, in each metric by metric. */
  cells: Cell[];
}

/**
 * The lines of a table on its datasets, with the runs that each needs.
 * @throws UserError for a method that the table does not have, or settings that do not fit.
 */
export function planTable(table: PaperTable, selection: TableSelection): PlannedCell[] {
  const { preset, options = {}, override } = selection;
  const rows = selectRows(table, selection.methods);
  checkComparedOptions(
    rows.map(({ method }) => method),
    options,
  );
  const quick = preset === 'quick';
  const datasets = distinct<string>(selection.datasets ?? (quick ? ['patterns10'] : table.datasets));
  return rows.flatMap((row) =>
    datasets.map((dataset) => ({
      row,
      dataset,
      configs: distinct<number>(selection.seeds ?? row.seeds ?? paperSeeds).map((seed) =>
        comparedConfig({
          preset,
          method: row.method,
          dataset,
          seed,
          options: { ...options, ...row.options },
          override,
        }),
      ),
    })),
  );
}

function selectRows({ rows, open, name, all }: PaperTable, methods?: readonly string[]): PaperRow[] {
  if (!methods) return rows;
  const known = distinct(rows.map(({ method }) => method));
  const named = distinct(methods.flatMap((method) => (method === 'all' ? (all ?? known) : [method])));
  for (const method of named) {
    findMethod(method);
    if (!open && !known.includes(method)) throw unknownName(`method of table ${name}`, method, known);
  }
  const others = named.filter((method) => !known.includes(method)).map(methodRow);
  const own = rows.filter(({ method }) => named.includes(method));
  return [...own, ...others];
}

/** The runs of a table, each once, dataset by dataset, and in each seed by seed, so that one seed is soon complete. */
export function tableRuns(planned: readonly PlannedCell[]): RunConfig[] {
  const datasets = distinct(planned.map(({ dataset }) => dataset));
  const configs = datasets.flatMap((dataset) => {
    const cells = planned.filter((cell) => cell.dataset === dataset);
    const most = Math.max(0, ...cells.map((cell) => cell.configs.length));
    return Array.from({ length: most }, (_, i) =>
      cells.flatMap((cell) => cell.configs.slice(i, i + 1)),
    ).flat();
  });
  return [...new Map(configs.map((config) => [recordId(config), config])).values()];
}

/** A table with what its records say; only a record of the very same configuration counts. */
export function fillTable(
  table: PaperTable,
  selection: TableSelection,
  records: readonly RunRecord[],
  published: readonly PublishedNumber[] = loadPublished(),
): FilledTable {
  const planned = planTable(table, selection);
  const byId = new Map(records.map((record) => [record.id, record]));
  return {
    table,
    selection,
    published,
    datasets: distinct(planned.map(({ dataset }) => dataset)),
    rows: distinct(planned.map(({ row }) => row)),
    cells: planned.flatMap((cell) => {
      const own = cell.configs.flatMap((config) => byId.get(recordId(config)) ?? []);
      return table.metrics.map((metric) => {
        const values = publishedValues(cell.row, cell.dataset, metric, published, selection.options);
        const allowed = (runs: number) => tolerance(metric.name, runs, published);
        return fillCell(cell, metric, own, values, allowed);
      });
    }),
  };
}

/** A table with the records of a folder. */
export function loadTable(table: PaperTable, selection: TableSelection, folder?: string): FilledTable {
  const { found } = missingRuns(tableRuns(planTable(table, selection)), { records: folder });
  return fillTable(table, selection, found);
}

function fillCell(
  cell: PlannedCell,
  metric: Metric,
  records: RunRecord[],
  [published, ...alsoPublished]: PublishedNumber[],
  toleranceOf: (runs: number) => number | null,
): Cell {
  const values = records.flatMap((record) => metric.of(record) ?? []);
  const scaleReasons = [...new Set(records.flatMap((record) => reducedBy(record, cell.row)))];
  const summary = summarize(values);
  const mean = values.length > 0 ? summary.mean : null;
  const comparable = mean !== null && published !== undefined && scaleReasons.length === 0;
  const difference = comparable ? mean - published.value : null;
  const allowed = comparable ? toleranceOf(values.length) : null;
  return {
    ...cell,
    metric,
    runs: values.length,
    mean,
    deviation: values.length > 1 ? summary.deviation : null,
    published: published ?? null,
    alsoPublished,
    difference,
    tolerance: allowed,
    verdict: verdictOf(records.length, mean, scaleReasons, difference, allowed),
    scaleReasons,
    records,
  };
}

/** What makes a run smaller than the paper's of the same line: what the line itself changes does not. */
function reducedBy({ config, dataset }: RunRecord, { method, options }: PaperRow): string[] {
  const paper = paperScale({ method, dataset: config.dataset, options });
  return describeScale(config, dataset, paper).scaleReasons;
}

function verdictOf(
  records: number,
  mean: number | null,
  scaleReasons: string[],
  difference: number | null,
  allowed: number | null,
): Verdict {
  if (records === 0) return 'not run';
  if (mean === null) return 'not measured';
  if (scaleReasons.length > 0) return 'reduced scale';
  if (difference === null || allowed === null) return 'not published';
  return Math.abs(difference) <= allowed ? 'reproduced' : 'differs';
}

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
