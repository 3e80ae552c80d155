import { distinct, summarize } from '../core/statistics';
import type { Table, TableColumn } from '../core/table';
import { formatDuration } from '../core/text';
import { datasetName } from '../data';
import { methodName } from '../methods';
import { shortfallNotes } from '../presets';
import { type RunRecord, recordId } from '../results';

export interface ComparisonOptions {
  /** Leave out running time and speed, for a table that is the same on every machine. */
  timing?: boolean;
}

const percent = (value: number) => value.toFixed(2);
const timingColumns: TableColumn[] = [
  { key: 'seconds', label: 'time', align: 'right', format: formatDuration },
  { key: 'imagesPerSecond', label: 'images/s', align: 'right', format: (value) => value.toFixed(0) },
];

/**
 * One row per run: accuracies, neighbor purity, time and speed. A run of reduced scale is marked as such, and
 * a note says what differs from the paper, so that its numbers are never taken for the paper's.
 */
export function comparisonTable(records: readonly RunRecord[], options: ComparisonOptions = {}): Table {
  return {
    columns: [
      { key: 'method', label: 'method', align: 'left' },
      { key: 'dataset', label: 'dataset', align: 'left' },
      { key: 'scale', label: 'scale', align: 'left' },
      ...(severalSeeds(records) ? [{ key: 'seed', label: 'seed', align: 'right' } as const] : []),
      { key: 'knnTop1', label: 'k-NN top-1 %', align: 'right', format: percent },
      { key: 'knnK', label: 'k', align: 'right' },
      { key: 'linearTop1', label: 'linear top-1 %', align: 'right', format: percent },
      { key: 'purity', label: 'purity', align: 'right', format: (value) => value.toFixed(3) },
      ...(options.timing === false ? [] : timingColumns),
    ],
    rows: records.map(comparisonRow),
    notes: [
      ...new Set([...records.flatMap(scaleNote), ...shortfallNotes(records), ...rawPixelNotes(records)]),
    ],
  };
}

/**
 * One row for the runs that differ in nothing but their seeds: mean and sample standard deviation of accuracies and
 * purity, mean time and speed.
 */
export function seedsTable(records: readonly RunRecord[]): Table {
  const groups = new Map<string, RunRecord[]>();
  for (const record of records) {
    const key = recordId({ ...record.config, seed: 0 });
    groups.set(key, [...(groups.get(key) ?? []), record]);
  }
  const { columns, notes } = comparisonTable(records);
  const spread = ['knnTop1', 'linearTop1', 'purity'];
  return {
    columns: columns.flatMap((column): TableColumn[] => {
      if (column.key === 'seed') return [{ key: 'seeds', label: 'seeds', align: 'right' }];
      if (!spread.includes(column.key)) return [column];
      return [column, { ...column, key: `${column.key}Deviation`, label: '±' }];
    }),
    rows: [...groups.values()].map((runs) => {
      const rows = runs.map(comparisonRow);
      const summaries = [...spread, 'seconds', 'imagesPerSecond'].flatMap((key) => {
        const values = rows.flatMap((row) => (row[key] === null ? [] : [Number(row[key])]));
        const { mean, deviation, count } = summarize(values);
        return [
          [key, count > 0 ? mean : null],
          [`${key}Deviation`, count > 1 ? deviation : null],
        ];
      });
      return { ...rows[0], ...Object.fromEntries(summaries), seeds: runs.length };
    }),
    notes: [...notes, '±: sample standard deviation over the seeds, whose mean is beside it.'],
  };
}

function comparisonRow({ config, scale, metrics, timing }: RunRecord): Table['rows'][number] {
  return {
    method: methodName(config.method),
    dataset: datasetName(config.dataset),
    scale,
    seed: config.seed,
    knnTop1: metrics.knnTop1,
    knnK: metrics.knnK,
    linearTop1: metrics.linearTop1,
    purity: metrics.purity,
    seconds: timing.totalSeconds,
    imagesPerSecond: timing.imagesPerSecond,
  };
}

function severalSeeds(records: readonly RunRecord[]): boolean {
  return new Set(records.map((record) => record.config.seed)).size > 1;
}

function scaleNote({ scale, scaleReasons, config }: RunRecord): string[] {
  if (scale === 'paper') return [];
  return [
    `Reduced scale (${datasetName(config.dataset)}), not comparable with the paper's numbers: ${scaleReasons.join('; ')}.`,
  ];
}

/** What raw pixels reach on each dataset: what it gives away without any network. */
export function rawPixelNotes(records: readonly RunRecord[]): string[] {
  return distinct(records.map(({ config }) => config.dataset)).flatMap((dataset) => {
    const metrics = records
      .filter(({ config }) => config.dataset === dataset)
      .map((record) => record.metrics);
    const reached = [
      ['nearest neighbors', range(metrics.map(({ rawPixelKnnTop1 }) => rawPixelKnnTop1))],
      ['a linear classifier', range(metrics.map(({ rawPixelLinearTop1 }) => rawPixelLinearTop1))],
    ].flatMap(([name, accuracy]) => (accuracy ? [`${name} ${accuracy} %`] : []));
    return reached.length > 0 ? [`Raw pixels on ${datasetName(dataset)}: ${reached.join(', ')}.`] : [];
  });
}

/** The values, or from where to where they go: other settings or another engine can change the last digits. */
function range(values: readonly (number | null | undefined)[]): string | null {
  const known = values.filter((value) => value != null).sort((a, b) => a - b);
  if (known.length === 0) return null;
  return distinct([known[0], known.at(-1)!].map(percent)).join(' to ');
}
