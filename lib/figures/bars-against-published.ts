import { UserError } from '../core/errors';
import { summarize } from '../core/statistics';
import { datasetName } from '../data';
import type { PublishedNumber } from '../paper';
import { publishedDifferences, publishedForRun } from '../paper';
import type { RunRecord } from '../results';
import {
  type AccuracyMetric,
  metricTitle,
  metricValue,
  recordsWith,
  type Series,
  scaleSentence,
  seedsSentence,
  seriesOf,
} from './series';
import type { FigureOptions } from './spec';
import { type ChartSpec, type Layer, vegaLiteSchema } from './spec';
import { numberedStyle, type Theme, themeConfig, themeInks } from './theme';

export interface BarsOptions extends FigureOptions {
  /** Default linear-top1, as in the paper's tables. */
  metric?: AccuracyMetric;
}

const kinds = ['published', 'ours, at the paper’s scale', 'ours, at a reduced scale'] as const;
type Kind = (typeof kinds)[number];

interface Bar {
  series: string;
  kind: Kind;
  value: number;
  /** Standard deviation over seeds; 0 where there is none. */
  deviation: number;
  count: number;
  text: string;
}

/** Settings that a preset may choose by the dataset. */
const byDataset = ['options.memoryBank', 'options.teacherMomentum', 'model.maxPool', 'training.cropSize'];
const rowHeight = 40;

/**
 * Our accuracies beside the published ones, a panel for every dataset. A run of reduced scale is drawn hollow
 * and dashed and says so beside its value: it never looks like the paper's number.
 * @param published as `loadPublished` gives it; of several numbers the one is drawn that counts in the tables.
 * @throws UserError where no record has the metric.
 */
export function barsAgainstPublished(
  records: readonly RunRecord[],
  published: readonly PublishedNumber[],
  options: BarsOptions = {},
): ChartSpec {
  const { theme = 'light', metric = 'linear-top1' } = options;
  if (records.length === 0) throw new UserError('There are no records to draw: run an experiment first.');
  const used = recordsWith(records, metric);
  const series = seriesOf(used, ['dataset'], byDataset);
  const datasets = [...new Set(used.map(({ config }) => config.dataset))];
  const width = (options.width ?? 300 * datasets.length) / datasets.length;
  const numberOf = (one: Series, dataset: string) => publishedOf(one, series, dataset, metric, published);
  const bars = datasets.map((dataset) =>
    series.flatMap((one) => barsOf(one, dataset, metric, numberOf(one, dataset))),
  );
  const labels = series.map(({ label }) => label);
  return {
    $schema: vegaLiteSchema,
    title: {
      text: `Ours and published: ${metricTitle(metric)}`,
      subtitle: [
        scaleSentence(used),
        ...seedsSentence(
          bars
            .flat()
            .filter(({ kind }) => kind !== 'published')
            .map(({ count }) => count),
          'whiskers',
        ),
        ...sourceNotes(series, datasets, numberOf),
      ],
    },
    description: `${metricTitle(metric)} of each method, ours beside the published value.`,
    hconcat: datasets.map((dataset, i) => ({
      title: { text: datasetName(dataset), fontSize: 13, fontWeight: 'normal', offset: 8 },
      ...panel(bars[i], labels, { width, named: i === 0 }, theme),
    })),
    spacing: 24,
    config: themeConfig(theme),
  };
}

function barsOf(
  series: Series,
  dataset: string,
  metric: AccuracyMetric,
  number: PublishedNumber | undefined,
): Bar[] {
  const own = series.records.filter(({ config }) => config.dataset === dataset);
  if (own.length === 0) return [];
  const bars: Bar[] = [
    {
      series: series.label,
      kind: 'published',
      value: number?.value ?? 0,
      deviation: 0,
      count: 1,
      text: number?.value.toFixed(2) ?? 'none published',
    },
  ];
  const reduced = own.some(({ scale }) => scale === 'reduced');
  const { mean, deviation, count } = summarize(own.map((record) => metricValue(record, metric)!));
  const text = `${mean.toFixed(2)}${deviation > 0 ? ` ± ${deviation.toFixed(2)}` : ''}${reduced ? ', reduced' : ''}`;
  bars.push({
    series: series.label,
    kind: reduced ? kinds[2] : kinds[1],
    value: mean,
    deviation,
    count,
    text,
  });
  return bars;
}

/** The published number of the runs of a series on a dataset, if their settings are those it was published for. */
function publishedOf(
  one: Series,
  series: readonly Series[],
  dataset: string,
  metric: AccuracyMetric,
  published: readonly PublishedNumber[],
): PublishedNumber | undefined {
  const first = ({ records }: Series) => records.find(({ config }) => config.dataset === dataset)?.config;
  const run = first(one);
  if (!run) return undefined;
  // Drawn beside the runs that have its very options, it is theirs alone.
  const exact = series.some((other) => {
    const config = other.method === one.method && first(other);
    return config && publishedForRun(config, metric, { published, exact: true }).length > 0;
  });
  return publishedForRun(run, metric, { published, exact })[0];
}

/** Where the numbers are from, and with what they were made where that is not what they stand beside. */
function sourceNotes(
  series: readonly Series[],
  datasets: string[],
  numberOf: (one: Series, dataset: string) => PublishedNumber | undefined,
): string[] {
  const used = series.flatMap((one) =>
    datasets.flatMap((dataset) => {
      const number = numberOf(one, dataset);
      return number ? [{ title: number.source.title, config: one.records[0].config }] : [];
    }),
  );
  return [
    ...new Set([
      ...used.map(({ title }) => `Published: ${title}`),
      ...used.flatMap(({ config }) => publishedDifferences(config)),
    ]),
  ];
}

function panel(
  bars: Bar[],
  labels: string[],
  { width, named }: { width: number; named: boolean },
  theme: Theme,
): Layer {
  const { text, quiet } = themeInks(theme);
  const blue = numberedStyle(theme === 'dark' ? 5 : 1, theme).color;
  const kind = (range: unknown[], shown = false) => ({
    field: 'kind',
    type: 'nominal',
    scale: { domain: kinds, range },
    legend: shown
      ? { title: null, orient: 'bottom', symbolType: 'square', symbolSize: 130, direction: 'vertical' }
      : null,
  });
  return {
    width,
    height: rowHeight * labels.length,
    data: { values: bars },
    encoding: {
      y: {
        field: 'series',
        type: 'nominal',
        title: null,
        scale: { domain: labels, paddingInner: 0.25, paddingOuter: 0.1 },
        axis: { grid: false, labels: named, labelFontSize: 12, labelLimit: 400, labelColor: text },
      },
      yOffset: {
        field: 'group',
        type: 'nominal',
        scale: { domain: ['published', 'ours'], paddingInner: 0.12 },
      },
      x: {
        field: 'value',
        type: 'quantitative',
        title: null,
        scale: { domain: [0, 100], nice: false },
        axis: { tickCount: 5, labelFlush: false },
      },
    },
    transform: [{ calculate: "datum.kind === 'published' ? 'published' : 'ours'", as: 'group' }],
    layer: [
      {
        mark: { type: 'bar', strokeWidth: 1.5 },
        encoding: {
          fill: kind([quiet, blue, 'transparent'], true),
          stroke: kind([quiet, blue, blue], true),
          strokeDash: kind([[], [], [4, 3]], true),
        },
      },
      {
        transform: [
          { filter: 'datum.deviation > 0' },
          { calculate: 'datum.value - datum.deviation', as: 'low' },
          { calculate: 'datum.value + datum.deviation', as: 'high' },
        ],
        mark: { type: 'rule', strokeWidth: 1.5, color: text },
        encoding: { x: { field: 'low' }, x2: { field: 'high' } },
      },
      {
        transform: [{ calculate: 'min(datum.value + datum.deviation, 100)', as: 'end' }],
        mark: { type: 'text', align: 'left', baseline: 'middle', dx: 5, fontSize: 11, color: text },
        encoding: { x: { field: 'end' }, text: { field: 'text' } },
      },
    ],
  };
}
