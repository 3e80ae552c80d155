import { UserError } from '../core/errors';
import { summarize } from '../core/statistics';
import { datasetName } from '../data';
import type { RunRecord } from '../results';
import { paddedDomain, placeLabels, titleLayer } from './curve-panel';
import {
  type AccuracyMetric,
  metricTitle,
  metricValue,
  oneDataset,
  recordsWith,
  type Series,
  scaleSentence,
  seedsSentence,
  seriesOf,
  stylesOf,
} from './series';
import type { FigureOptions } from './spec';
import { type ChartSpec, type Layer, vegaLiteSchema } from './spec';
import { type SeriesStyle, themeConfig, themeInks } from './theme';

export interface AblationOptions extends FigureOptions {
  /** Default linear-top1, as in the paper's tables. */
  metric?: AccuracyMetric;
}

/** One value of the option that is varied: the mean over seeds, and one standard deviation around it. */
interface Point {
  series: string;
  x: number | string;
  value: number;
  low: number;
  high: number;
  count: number;
}

const height = 280;
const labelHeight = 16;

/**
 * Accuracy against lambda, the weight of the neighbors in the mixture: fixed values as a curve, a new random
 * one in every step, the paper's choice, as a line across.
 * @throws UserError when the records are not of one dataset, or fewer than two lambdas were run.
 */
export function lambdaCurve(records: readonly RunRecord[], options: AblationOptions = {}): ChartSpec {
  return ablation(records, options, {
    option: 'lambda',
    title: 'Weight of the neighbors in the mixture',
    axis: 'lambda, fixed',
    scale: { domain: [0, 1], zero: false },
  });
}

/**
 * Accuracy against K, the number of neighbors of each key.
 * @throws UserError when the records are not of one dataset, or fewer than two K were run.
 */
export function topKCurve(records: readonly RunRecord[], options: AblationOptions = {}): ChartSpec {
  return ablation(records, options, {
    option: 'topK',
    title: 'Number of neighbors',
    axis: 'K',
    scale: { type: 'log', base: 2 },
    // BYOL without neighbors has no place on the axis.
    leftOut: 0,
  });
}

interface Ablation {
  option: string;
  title: string;
  axis: string;
  /** Of the option's numbers. */
  scale: Layer;
  /** A value that is not drawn. */
  leftOut?: number;
}

function ablation(records: readonly RunRecord[], options: AblationOptions, what: Ablation): ChartSpec {
  const { theme = 'light', width = 400, metric = 'linear-top1' } = options;
  const dataset = oneDataset(records);
  const varied = records.filter(
    ({ config: { options: own } }) => what.option in own && own[what.option] !== what.leftOut,
  );
  const series = seriesOf(varied, [`options.${what.option}`]).filter(
    (one) => values(one, what.option).length > 1,
  );
  if (series.length === 0) {
    throw new UserError(
      `The records hold no two runs that differ in ${what.option} alone. Make some, for example: ` +
        `mnn pretrain --dataset ${dataset} --set ${what.option}=1`,
    );
  }
  const used = recordsWith(
    series.flatMap((one) => one.records),
    metric,
  );
  const points = series.flatMap((one) => pointsOf(one, what.option, metric));
  const size = { width, height };
  return {
    $schema: vegaLiteSchema,
    title: {
      text: `${what.title}, on ${datasetName(dataset)}`,
      subtitle: [
        scaleSentence(used),
        ...seedsSentence(
          points.map(({ count }) => count),
          'whiskers',
        ),
      ],
    },
    description: `${metricTitle(metric)} against ${what.axis}.`,
    ...size,
    encoding: encoding(points, series, stylesOf(series, theme), what),
    layer: [
      titleLayer(metricTitle(metric), theme),
      ...randomLayers(points),
      ...fixedLayers(points, series, stylesOf(series, theme)),
      ...labelLayers(points, size, themeInks(theme).text, series.length > 1),
    ],
    config: themeConfig(theme),
  };
}

function values({ records }: Series, option: string): (number | string)[] {
  return [...new Set(records.map(({ config }) => config.options[option] as number | string))];
}

function pointsOf(series: Series, option: string, metric: AccuracyMetric): Point[] {
  return values(series, option).flatMap((x) => {
    const own = series.records.filter(({ config }) => config.options[option] === x);
    const measured = own.map((record) => metricValue(record, metric)).filter((value) => value !== null);
    if (measured.length === 0) return [];
    const { mean, deviation, count } = summarize(measured);
    return [{ series: series.label, x, value: mean, low: mean - deviation, high: mean + deviation, count }];
  });
}

const isFixed = (point: Point): point is Point & { x: number } => typeof point.x === 'number';

function encoding(points: Point[], series: readonly Series[], styles: SeriesStyle[], what: Ablation): Layer {
  const domain = series.map(({ label }) => label);
  const numbers = [...new Set(points.filter(isFixed).map(({ x }) => x))].sort((a, b) => a - b);
  return {
    x: {
      field: 'x',
      type: 'quantitative',
      title: what.axis,
      axis: { grid: false, values: numbers, labelExpr: 'datum.value', labelFlush: false },
      scale: { nice: false, ...what.scale },
    },
    y: {
      field: 'value',
      type: 'quantitative',
      title: null,
      axis: { tickCount: 6 },
      scale: {
        domain: paddedDomain(points.flatMap(({ low, high }) => [low, high])),
        nice: false,
        zero: false,
      },
    },
    color: {
      field: 'series',
      type: 'nominal',
      scale: { domain, range: styles.map(({ color }) => color) },
      legend: null,
    },
  };
}

function fixedLayers(points: Point[], series: readonly Series[], styles: SeriesStyle[]): Layer[] {
  const data = { values: points.filter(isFixed) };
  const shape = {
    field: 'series',
    type: 'nominal',
    scale: { domain: series.map(({ label }) => label), range: styles.map((style) => style.shape) },
    legend: null,
  };
  return [
    { data, mark: { type: 'line', strokeWidth: 2 } },
    {
      data: { values: data.values.filter(({ low, high }) => low < high) },
      mark: { type: 'rule', strokeWidth: 1.5 },
      encoding: { y: { field: 'low' }, y2: { field: 'high' } },
    },
    { data, mark: { type: 'point', filled: true, size: 70, opacity: 1 }, encoding: { shape } },
  ];
}

/** What has no number, such as a random lambda, as a line across with its standard deviation. */
function randomLayers(points: Point[]): Layer[] {
  const data = { values: points.filter((point) => !isFixed(point)) };
  const across = { x: { value: 0 }, x2: { value: 'width' } };
  return [
    {
      data,
      mark: { type: 'rect', opacity: 0.14 },
      encoding: { ...across, y: { field: 'low' }, y2: { field: 'high' } },
    },
    { data, mark: { type: 'rule', strokeWidth: 2, strokeDash: [6, 4] }, encoding: across },
  ];
}

/** Names beside the plot: of the series where there are several, and of lines across. */
function labelLayers(
  points: Point[],
  size: { width: number; height: number },
  ink: string,
  named: boolean,
): Layer[] {
  const last = (label: string) =>
    points
      .filter(isFixed)
      .filter((point) => point.series === label)
      .reduce((a, b) => (b.x > a.x ? b : a));
  const curves = [...new Set(points.filter(isFixed).map(({ series }) => series))].map((label) => ({
    ...last(label),
    label: named ? label : 'fixed',
  }));
  const lines = points
    .filter((point) => !isFixed(point))
    .map((point) => ({ ...point, label: named ? `${point.series}, ${point.x}` : String(point.x) }));
  if (lines.length === 0 && !named) return [];
  const ends = [...lines, ...curves];
  const [low, high] = paddedDomain(points.flatMap((point) => [point.low, point.high]));
  const places = placeLabels(
    ends.map(({ value }) => value),
    ((high - low) * labelHeight) / size.height,
    low,
    high,
  );
  return [
    {
      data: { values: ends.map((end, i) => ({ value: places[i], label: end.label })) },
      mark: { type: 'text', align: 'left', baseline: 'middle', dx: 10, fontSize: 12 },
      encoding: { x: { value: size.width }, text: { field: 'label' }, color: { value: ink } },
    },
  ];
}
