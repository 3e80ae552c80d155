import { UserError } from '../errors';
import { type CurvePoint, datasetName, methodName, type RunRecord } from '../results';
import { placeLabels } from './place-labels';
import { type ChartSpec, vegaLiteSchema } from './spec';
import { type MethodLine, methodLine, type Theme, themeConfig, themeInks } from './theme';

export interface FigureOptions {
  theme?: Theme;
}

interface Panel {
  title: string;
  /** Of one point of a run's curve; null where it was not measured. */
  value: (point: CurvePoint) => number | null;
}

interface Point {
  method: string;
  run: string;
  epoch: number;
  value: number;
}

type Layer = Record<string, unknown>;

const width = 215;
const height = 215;
const labelHeight = 15;

const panels: Panel[] = [
  { title: 'k-NN accuracy (%)', value: (point) => point.knnTop1 },
  { title: 'training loss', value: (point) => point.loss },
  { title: 'neighbour purity', value: (point) => point.purity },
];

/**
 * Learning curves as a Vega-Lite chart: nearest-neighbour accuracy, loss and neighbour purity against epochs,
 * one line per run in its method's colour, the method's name at the line's end. Nothing is smoothed.
 * @throws UserError when the records are not of one dataset, or hold no curve.
 */
export function learningCurves(records: readonly RunRecord[], options: FigureOptions = {}): ChartSpec {
  const theme = options.theme ?? 'light';
  checkOneDataset(records);
  const drawn = panels.map((panel) => panelSpec(panel, records, theme)).filter((spec) => spec !== null);
  if (drawn.length === 0) throw new UserError('The records hold no curves: train for at least one epoch.');
  return {
    $schema: vegaLiteSchema,
    title: {
      text: `Learning curves on ${datasetName(records[0].config.dataset)}`,
      subtitle: subtitle(records),
    },
    description: 'Nearest-neighbour accuracy, training loss and neighbour purity against training epochs.',
    hconcat: drawn,
    spacing: 24,
    resolve: { scale: { color: 'independent', strokeDash: 'independent' } },
    config: themeConfig(theme),
  };
}

function checkOneDataset(records: readonly RunRecord[]): void {
  const datasets = [...new Set(records.map((record) => record.config.dataset))];
  if (datasets.length === 1) return;
  throw new UserError(
    datasets.length === 0
      ? 'There are no records to draw: run an experiment first.'
      : `The records are of several datasets (${datasets.join(', ')}): draw one figure for each.`,
  );
}

function subtitle(records: readonly RunRecord[]): string {
  const all = (of: (record: RunRecord) => number) =>
    [...new Set(records.map(of))]
      .sort((a, b) => a - b)
      .map((value) => value.toLocaleString('en'))
      .join(' or ');
  const reduced = records.some((record) => record.scale === 'reduced');
  const images = `${all((record) => record.dataset.trainImages)} training images`;
  const epochs = `${all((record) => record.config.training.epochs)} epochs`;
  const network = `ResNet-18 of width ${all((record) => record.config.model.width)}`;
  return `${reduced ? 'Reduced scale, not the paper’s' : 'The paper’s scale'}: ${network}, ${images}, ${epochs}`;
}

function panelSpec(panel: Panel, records: readonly RunRecord[], theme: Theme): Layer | null {
  const points = records.flatMap((record) => pointsOf(record, panel));
  if (points.length === 0) return null;
  const methods = [...new Set(points.map((point) => point.method))];
  const domain = paddedDomain(points.map((point) => point.value));
  return {
    width,
    height,
    data: { values: points.map(named) },
    encoding: sharedEncoding(methods, domain, lastEpoch(points), theme),
    layer: [
      titleLayer(panel.title, theme),
      lineLayer(methods, theme),
      endLayer(points),
      ...labelLayers(points, domain, theme),
    ],
  };
}

function sharedEncoding(methods: string[], domain: [number, number], epochs: number, theme: Theme): Layer {
  return {
    x: {
      field: 'epoch',
      type: 'quantitative',
      title: 'epoch',
      axis: { grid: false, tickMinStep: 1, tickCount: 5, format: 'd', labelFlush: false },
      scale: { domain: [0, epochs], nice: false },
    },
    y: {
      field: 'value',
      type: 'quantitative',
      title: null,
      axis: { tickCount: 5 },
      scale: { domain, nice: false },
    },
    color: methodEncoding(methods, (method) => methodLine(method, methods, theme).color),
  };
}

function methodEncoding<Style>(methods: string[], style: (method: string) => Style): Layer {
  const scale = { domain: methods.map(methodName), range: methods.map(style) };
  return { field: 'method', type: 'nominal', scale, legend: null };
}

/** A mark rather than Vega's own title, which moves up and down with the labels beside the plot. */
function titleLayer(title: string, theme: Theme): Layer {
  return {
    data: { values: [{}] },
    mark: { type: 'text', align: 'left', fontSize: 13 },
    encoding: {
      x: { value: 0 },
      y: { value: -16 },
      text: { value: title },
      color: { value: themeInks(theme).text },
    },
  };
}

function lineLayer(methods: string[], theme: Theme): Layer {
  const dash = (method: string): MethodLine['dash'] => methodLine(method, methods, theme).dash;
  return {
    mark: { type: 'line', strokeWidth: 2, strokeJoin: 'round' },
    encoding: { detail: { field: 'run' }, strokeDash: methodEncoding(methods, dash) },
  };
}

function endLayer(points: Point[]): Layer {
  return {
    data: { values: runEnds(points).map(named) },
    mark: { type: 'point', filled: true, size: 40, opacity: 1 },
  };
}

/** The methods' names beside the plot, moved apart where lines end close together, and a leader to each. */
function labelLayers(points: Point[], [low, high]: [number, number], theme: Theme): Layer[] {
  const ends = methodEnds(points);
  const places = placeLabels(
    ends.map((end) => end.value),
    ((high - low) * labelHeight) / height,
    low,
    high,
  );
  const labels = ends.map((end, i) => ({ ...end, epoch: lastEpoch(points) * 1.09, value: places[i] }));
  return [
    { data: { values: [...ends, ...labels].map(named) }, mark: { type: 'line', strokeWidth: 1 } },
    {
      data: { values: labels.map(named) },
      mark: { type: 'text', align: 'left', baseline: 'middle', dx: 4, fontSize: 12 },
      encoding: { text: { field: 'method' }, color: { value: themeInks(theme).text } },
    },
  ];
}

/** Where each method's lines end: the mean over its runs. */
function methodEnds(points: Point[]): Point[] {
  const ends = runEnds(points);
  return [...new Set(ends.map((end) => end.method))].map((method) => {
    const own = ends.filter((end) => end.method === method);
    return { method, run: method, epoch: lastEpoch(own), value: mean(own.map((end) => end.value)) };
  });
}

function pointsOf({ id, config, curves }: RunRecord, panel: Panel): Point[] {
  return curves.flatMap((point) => {
    const value = panel.value(point);
    return value === null ? [] : [{ method: config.method, run: id, epoch: point.epoch, value }];
  });
}

function named(point: Point): Point {
  return { ...point, method: methodName(point.method) };
}

function runEnds(points: Point[]): Point[] {
  return [...new Map(points.map((point) => [point.run, point])).values()];
}

function lastEpoch(points: Point[]): number {
  return Math.max(...points.map((point) => point.epoch));
}

/** The values' range with some air, so that neither lines nor labels touch the edge. */
function paddedDomain(values: number[]): [number, number] {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const air = (high - low || 1) * 0.06;
  return [low - air, high + air];
}

function mean(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
