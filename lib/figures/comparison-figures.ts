import { UserError } from '../core/errors';
import { studentQuantile } from '../core/paired-statistics';
import { datasetName } from '../data';
import {
  bestOf,
  type Cell,
  curveAgreement,
  fillTable,
  findTable,
  type PublishedCurve,
  pooledDeviation,
} from '../paper';
import type { PartialRecord, RunRecord } from '../results';
import { type AccuracyMetric, metricTitle, oneDataset, scaleSentence } from './series';
import { type ChartSpec, type FigureOptions, type Layer, vegaLiteSchema } from './spec';
import { numberedStyle, seriesStyle, type Theme, themeConfig, themeInks } from './theme';

export interface ComparisonFigureOptions extends FigureOptions {
  /** Default linear-top1, as in the paper's tables. */
  metric?: AccuracyMetric;
}

/** A method of the comparison with its measured cell. */
interface Row {
  series: string;
  method: string;
  cell: Cell & { mean: number };
  value: number;
  low: number;
  high: number;
}

/**
 * Our accuracy of each method as a dot with its 95 % interval over seeds, the published number as a ring.
 * @throws UserError if the records are not of one dataset and preset, or no method of the comparison has the metric.
 */
export function accuracyDots(
  records: readonly RunRecord[],
  options: ComparisonFigureOptions = {},
): ChartSpec {
  const { theme = 'light', metric = 'linear-top1', width = 460 } = options;
  const rows = comparedRows(records, metric).sort((a, b) => b.value - a.value);
  const published = rows.flatMap(({ series, cell }) =>
    cell.published ? [{ series, kind: 'published', value: cell.published.value }] : [],
  );
  const { text, quiet } = themeInks(theme);
  const ours = {
    values: rows.map(({ series, value, low, high }) => ({ series, kind: 'ours', value, low, high })),
  };
  const color = { scale: { domain: ['ours', 'published'], range: [accent(theme), quiet] } };
  const legend = { title: null, orient: 'top', symbolOpacity: 1 };
  return {
    ...frame(
      `${capital(metricTitle(metric))} on ${nameOf(records)}`,
      recordsOf(rows),
      theme,
      intervalNote(rows),
    ),
    description: `${metricTitle(metric)} of each method, ours with an interval, and the published number.`,
    width,
    height: 24 * rows.length,
    encoding: {
      y: {
        field: 'series',
        type: 'nominal',
        title: null,
        scale: { domain: rows.map(({ series }) => series) },
        axis: { labelFontSize: 12, labelColor: text, labelLimit: 300, grid: true },
      },
      x: {
        field: 'value',
        type: 'quantitative',
        title: 'top-1 %',
        scale: { zero: false },
        axis: { tickCount: 6 },
      },
    },
    layer: [
      {
        data: { values: ours.values.filter(({ low, high }) => low < high) },
        mark: { type: 'rule', strokeWidth: 3, opacity: 0.45, color: accent(theme) },
        encoding: { x: { field: 'low' }, x2: { field: 'high' } },
      },
      {
        data: { values: [...ours.values, ...published] },
        mark: { type: 'point', size: 70, opacity: 1, strokeWidth: 2 },
        encoding: {
          color: { field: 'kind', type: 'nominal', ...color, legend },
          shape: {
            field: 'kind',
            type: 'nominal',
            scale: { domain: ['ours', 'published'], range: ['circle', 'diamond'] },
            legend,
          },
        },
      },
    ],
  };
}

/**
 * Our rank of each method against the published one; on the diagonal they are the same.
 * @throws UserError as `accuracyDots` does, and with fewer than four published methods.
 */
export function rankAgainstRank(
  records: readonly RunRecord[],
  options: ComparisonFigureOptions = {},
): ChartSpec {
  const { metric = 'linear-top1' } = options;
  const rows = comparedRows(records, metric).filter(({ cell }) => cell.published);
  if (rows.length < 4)
    throw new UserError('Fewer than four of these methods have a published number to be ranked by.');
  const rank = (values: number[]) =>
    values.map((value) => 1 + values.filter((other) => other > value).length);
  const ours = rank(rows.map(({ value }) => value));
  const there = rank(rows.map(({ cell }) => cell.published!.value));
  const points = rows.map(({ series, method }, i) => ({ series, method, x: there[i], value: ours[i] }));
  const axis = { values: rows.map((_, i) => i + 1), format: 'd' };
  const scale = { domain: [0.5, rows.length + 0.5], nice: false, reverse: true };
  return scatter(points, {
    ...options,
    ...frame(
      `Our rank and the published one, ${nameOf(records)}`,
      recordsOf(rows),
      options.theme ?? 'light',
      [`${capital(metricTitle(metric))}; rank 1 is the best. On the line both ranks are the same`],
    ),
    x: { title: 'published rank', scale, axis },
    y: { title: 'our rank', scale, axis },
    diagonal: [1, rows.length],
  });
}

/** Accuracy against neighbor purity. @throws UserError as `accuracyDots` does, and if fewer than two have a purity. */
export function purityAgainstAccuracy(
  records: readonly RunRecord[],
  options: ComparisonFigureOptions = {},
): ChartSpec {
  return againstAccuracy(
    records,
    options,
    'Neighbor purity and accuracy',
    'neighbor purity',
    (record) => record.metrics.purity,
  );
}

/** Accuracy against the time of an epoch of pretraining. @throws UserError as `accuracyDots` does. */
export function costAgainstAccuracy(
  records: readonly RunRecord[],
  options: ComparisonFigureOptions = {},
): ChartSpec {
  return againstAccuracy(
    records,
    options,
    'Cost and accuracy',
    'seconds for an epoch of pretraining',
    (record) =>
      record.timing.epochSeconds.length > 0
        ? record.timing.pretrainSeconds / record.timing.epochSeconds.length
        : null,
  );
}

function againstAccuracy(
  records: readonly RunRecord[],
  options: ComparisonFigureOptions,
  title: string,
  x: string,
  of: (record: RunRecord) => number | null,
): ChartSpec {
  const { metric = 'linear-top1' } = options;
  const rows = comparedRows(records, metric);
  const points = rows.flatMap(({ series, method, cell, value }) => {
    const values = cell.records.flatMap((record) => of(record) ?? []);
    if (values.length === 0) return [];
    return [{ series, method, x: values.reduce((sum, one) => sum + one, 0) / values.length, value }];
  });
  if (points.length < 2) throw new UserError(`Fewer than two of these methods have ${x}.`);
  return scatter(points, {
    ...options,
    ...frame(`${title}, ${nameOf(records)}`, recordsOf(rows), options.theme ?? 'light', []),
    x: { title: x, scale: { zero: false } },
    y: { title: metricTitle(metric), scale: { zero: false } },
  });
}

/** Our nearest-neighbor accuracy after each evaluated epoch before the published curve, with how far it may be misread. */
export function beforePublishedCurve(
  record: PartialRecord | RunRecord,
  curve: PublishedCurve,
  { theme = 'light', width = 460 }: FigureOptions = {},
): ChartSpec {
  const { config, curves } = record;
  const series = seriesName(config.method);
  const ours = curves.flatMap(({ epoch, knnTop1 }) =>
    knnTop1 === null ? [] : [{ series, epoch, value: knnTop1 }],
  );
  const last = Math.max(10, 2 * curves.length);
  const there = curve.points
    .filter(([epoch], i, all) => epoch <= last || all[i - 1]?.[0] < last)
    .map(([epoch, value, misread]) => ({
      series,
      epoch,
      value,
      low: value - misread,
      high: value + misread,
    }));
  const agreement = curveAgreement(record, curve);
  const within = agreement.filter(({ verdict }) => verdict === 'within').length;
  const { quiet } = themeInks(theme);
  const frameOf = frame(`${series} on ${datasetName(config.dataset)}: the first epochs`, [record], theme, [
    ...(agreement.length > 0 ? [`${within} of ${agreement.length} epochs are within what is allowed`] : []),
    `Grey: published (${curve.source.title})`,
  ]);
  return {
    ...frameOf,
    description: 'k-NN accuracy against epochs, ours before the published curve.',
    width,
    height: 260,
    encoding: {
      x: {
        field: 'epoch',
        type: 'quantitative',
        title: `epoch of ${config.training.epochs}`,
        axis: { grid: false, tickMinStep: 1, format: 'd' },
      },
      y: { field: 'value', type: 'quantitative', title: 'k-NN accuracy (%)', scale: { zero: false } },
    },
    layer: [
      {
        data: { values: there },
        mark: { type: 'area', color: quiet, opacity: 0.3 },
        encoding: { y: { field: 'low' }, y2: { field: 'high' } },
      },
      { data: { values: there }, mark: { type: 'line', color: quiet, strokeWidth: 2 } },
      { data: { values: ours }, mark: { type: 'line', color: accent(theme), strokeWidth: 2 } },
      {
        data: { values: ours },
        mark: { type: 'point', filled: true, size: 70, color: accent(theme), opacity: 1 },
      },
    ],
  };
}

function seriesName(method: string): string {
  return findTable('linear').rows.find((row) => row.method === method)?.label ?? method;
}

/** The methods of the comparison that have the metric, with a 95 % interval by the deviation pooled over all. */
function comparedRows(records: readonly RunRecord[], metric: AccuracyMetric): Row[] {
  oneDataset(records);
  const [{ config }] = records;
  if (records.some((record) => record.config.preset !== config.preset))
    throw new UserError('The records are of several presets: draw one figure for each.');
  const seeds = [...new Set(records.map((record) => record.config.seed))];
  const { cells } = fillTable(
    findTable(metric === 'linear-top1' ? 'linear' : 'knn'),
    { preset: config.preset, datasets: [config.dataset], seeds },
    records,
  );
  const measured = cells.filter((cell): cell is Cell & { mean: number } => cell.mean !== null);
  if (measured.length === 0) throw new UserError('No method of the comparison ran with its own settings.');
  const pooled = pooledDeviation(measured);
  return measured.map((cell) => {
    const reach = pooled ? (studentQuantile(pooled.freedom) * pooled.deviation) / Math.sqrt(cell.runs) : 0;
    const { label: series, method } = cell.row;
    return { series, method, cell, value: cell.mean, low: cell.mean - reach, high: cell.mean + reach };
  });
}

function intervalNote(rows: readonly Row[]): string[] {
  const { best, tied } = bestOf(rows.map(({ cell }) => cell));
  if (!best) return ['One seed each: no intervals, and no ranking'];
  return [
    'Interval: 95 % over seeds, by the standard deviation pooled over all methods',
    `Not distinguishable from the best, ${best.row.label}: ${tied.map(({ row }) => row.label).join(', ') || 'none'}`,
  ];
}

function recordsOf(rows: readonly Row[]): RunRecord[] {
  return rows.flatMap(({ cell }) => cell.records);
}

function capital(text: string): string {
  return `${text[0].toUpperCase()}${text.slice(1)}`;
}

function nameOf(records: readonly RunRecord[]): string {
  return datasetName(oneDataset(records));
}

function accent(theme: Theme): string {
  return numberedStyle(theme === 'dark' ? 5 : 1, theme).color;
}

function frame(
  text: string,
  records: readonly (RunRecord | PartialRecord)[],
  theme: Theme,
  notes: string[],
): Pick<ChartSpec, '$schema' | 'title' | 'config'> {
  return {
    $schema: vegaLiteSchema,
    title: { text, subtitle: [scaleSentence(records), ...notes] },
    config: themeConfig(theme),
  };
}

interface Scatter extends FigureOptions, Pick<ChartSpec, '$schema' | 'title' | 'config'> {
  x: Layer;
  y: Layer;
  /** Ends of a line on which both values are the same. */
  diagonal?: [number, number];
}

/** Named points; MNN in its color, the others quiet. */
function scatter(
  points: { series: string; method: string; x: number; value: number }[],
  { theme = 'light', width = 400, x, y, diagonal, $schema, title, config }: Scatter,
): ChartSpec {
  const { text, quiet, grid } = themeInks(theme);
  const methods = [...new Set(points.map(({ method }) => method))];
  const colors = methods.map((method) => (method === 'mnn' ? seriesStyle('mnn', [], theme).color : quiet));
  const line = diagonal?.map((value) => ({ x: value, value })) ?? [];
  return {
    ...{ $schema, title, config },
    description: `${y.title} against ${x.title}, a point for each method.`,
    width,
    height: 300,
    encoding: {
      x: { field: 'x', type: 'quantitative', ...x },
      y: { field: 'value', type: 'quantitative', ...y },
    },
    layer: [
      ...(line.length > 0
        ? [
            {
              data: { values: line },
              mark: { type: 'line', color: grid, strokeWidth: 2, strokeDash: [4, 4] },
            },
          ]
        : []),
      {
        data: { values: points },
        mark: { type: 'point', filled: true, size: 80, opacity: 1 },
        encoding: {
          color: {
            field: 'method',
            type: 'nominal',
            scale: { domain: methods, range: colors },
            legend: null,
          },
        },
      },
      {
        data: { values: points },
        mark: { type: 'text', align: 'left', baseline: 'middle', dx: 8, fontSize: 11, color: text },
        encoding: { text: { field: 'series' } },
      },
    ],
  };
}
