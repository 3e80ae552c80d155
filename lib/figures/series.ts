import { UserError, unknownName } from '../core/errors';
import { methodName } from '../methods';
import { presetOf } from '../presets';
import type { RunRecord } from '../results';
import { type SeriesStyle, seriesStyle, type Theme } from './theme';

/** Runs that differ in nothing but their seeds, and how a figure names them. */
export interface Series {
  label: string;
  method: string;
  records: RunRecord[];
}

/**
 * Groups runs that differ in nothing but their seeds. A method's name is its label; where a method has several
 * groups, what they differ in is added to it.
 * @param varied keys of the configuration that may differ within a series too, such as `options.topK`.
 * @param byDataset keys that may differ from dataset to dataset, as far as they are the preset's own.
 */
export function seriesOf(
  records: readonly RunRecord[],
  varied: readonly string[] = [],
  byDataset: readonly string[] = [],
): Series[] {
  const groups = new Map<string, { settings: Map<string, string>; records: RunRecord[] }>();
  for (const record of records) {
    const settings = flatSettings(record.config, ['seed', ...varied]);
    const own = flatSettings(presetOf(record.config) ?? {}, []);
    for (const name of byDataset)
      if (settings.has(name) && settings.get(name) === own.get(name)) settings.set(name, "the preset's");
    const key = JSON.stringify([...settings].sort());
    const group = groups.get(key) ?? { settings, records: [] };
    group.records.push(record);
    groups.set(key, group);
  }
  const all = [...groups.values()];
  return all.map(({ settings, records }) => {
    const { method } = records[0].config;
    const siblings = all.filter((other) => other.records[0].config.method === method);
    const words = differing(
      settings,
      siblings.map((other) => other.settings),
    ).map((name) => `${name.split('.').at(-1)} ${settings.get(name) ?? 'none'}`);
    return { label: [methodName(method), ...words].join(', '), method, records };
  });
}

/** In what settings differ from the others of their preset; another preset is told by its name alone. */
function differing(settings: Map<string, string>, all: readonly Map<string, string>[]): string[] {
  const severalValues = (group: readonly Map<string, string>[], name: string) =>
    new Set(group.map((other) => other.get(name))).size > 1;
  const peers = all.filter((other) => other.get('preset') === settings.get('preset'));
  const names = [...new Set(peers.flatMap((other) => [...other.keys()]))];
  return [
    ...(severalValues(all, 'preset') ? ['preset'] : []),
    ...names.filter((name) => severalValues(peers, name)),
  ];
}

/** How each series is drawn: as its method where that has one series, so that it looks alike in every figure. */
export function stylesOf(series: readonly Series[], theme: Theme): SeriesStyle[] {
  const alone = ({ method }: Series) => series.filter((other) => other.method === method).length === 1;
  const names = series.map((one) => (alone(one) ? one.method : one.label));
  return names.map((name) => seriesStyle(name, names, theme));
}

/** @throws UserError unless all records are of one dataset. */
export function oneDataset(records: readonly RunRecord[]): string {
  const datasets = [...new Set(records.map((record) => record.config.dataset))];
  if (datasets.length === 1) return datasets[0];
  throw new UserError(
    datasets.length === 0
      ? 'There are no records to draw: run an experiment first.'
      : `The records are of several datasets (${datasets.join(', ')}): draw one figure for each.`,
  );
}

/** Says at which scale the runs were made, so that no figure is taken for the paper's. */
export function scaleSentence(records: readonly Pick<RunRecord, 'scale' | 'dataset' | 'config'>[]): string {
  const all = (of: (record: Pick<RunRecord, 'dataset' | 'config'>) => number) =>
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

/** Says what the lines are where there are several seeds; empty for one seed each. */
export function seedsSentence(counts: readonly number[], spread: string): string[] {
  const [fewest, most] = [Math.min(...counts), Math.max(...counts)];
  if (most <= 1) return [];
  const seeds = fewest === most ? `${most}` : `${fewest} to ${most}`;
  return [`Mean over ${seeds} seeds; ${spread} of one standard deviation`];
}

function flatSettings(value: object, left: readonly string[], path = ''): Map<string, string> {
  const settings = new Map<string, string>();
  for (const [key, part] of Object.entries(value)) {
    const name = path === '' ? key : `${path}.${key}`;
    if (left.includes(name)) continue;
    if (typeof part === 'object' && !Array.isArray(part)) {
      for (const [inner, text] of flatSettings(part, left, name)) settings.set(inner, text);
    } else settings.set(name, String(part));
  }
  return settings;
}

/** An accuracy of a whole run. */
export const accuracyMetrics = ['linear-top1', 'knn-top1'] as const;
export type AccuracyMetric = (typeof accuracyMetrics)[number];

const titles: Record<AccuracyMetric, string> = {
  'linear-top1': 'linear accuracy, top-1 (%)',
  'knn-top1': 'k-NN accuracy, top-1 (%)',
};

export function metricTitle(metric: AccuracyMetric): string {
  return titles[metric];
}

/** The accuracy of a run in percent; null where it was not measured. */
export function metricValue({ metrics }: RunRecord, metric: AccuracyMetric): number | null {
  return metric === 'linear-top1' ? metrics.linearTop1 : metrics.knnTop1;
}

/** @throws UserError for a name that is no metric, or where no record has it. */
export function recordsWith(records: readonly RunRecord[], metric: AccuracyMetric): RunRecord[] {
  if (!accuracyMetrics.includes(metric)) throw unknownName('metric', metric, accuracyMetrics);
  const measured = records.filter((record) => metricValue(record, metric) !== null);
  if (measured.length > 0) return measured;
  throw new UserError(`None of the records has ${metric}: draw another metric, or evaluate the runs.`);
}
