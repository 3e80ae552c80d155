import { distinct, summarize } from '../core/statistics';
import { datasetName } from '../data';
import { methodName } from '../methods';
import type { RunRecord } from '../results';

/** Seeds from which on "better with every seed" is no accident: three of three are, in 1 of 20. */
const enoughSeeds = 3;

interface Measure {
  name: string;
  of: (metrics: RunRecord['metrics']) => number | null;
  ofPixels: (metrics: RunRecord['metrics']) => number | null | undefined;
}

const measures: Measure[] = [
  { name: 'k-NN', of: ({ knnTop1 }) => knnTop1, ofPixels: ({ rawPixelKnnTop1 }) => rawPixelKnnTop1 },
  {
    name: 'Linear',
    of: ({ linearTop1 }) => linearTop1,
    ofPixels: ({ rawPixelLinearTop1 }) => rawPixelLinearTop1,
  },
];

/** What was compared: a method, the network before training, or raw pixels. */
interface Contestant {
  name: string;
  /** One accuracy in percent for each seed; of raw pixels one. */
  values: number[];
  mean: number;
  kind: 'trained' | 'untrained' | 'pixels';
}

/**
 * What runs on one dataset show, a line for each kind of accuracy, made of their numbers alone: the accuracies, what
 * learned more than an untrained network and raw pixels give, and whether the first method is better than the next.
 *
 * Against untrained network and pixels, the few test images decide: a difference counts from two standard errors on.
 * Between two methods the seeds decide: one is better only if it is with every one of three seeds or more.
 */
export function conclusions(records: readonly RunRecord[]): string[] {
  const datasets = distinct(records.map(({ config }) => config.dataset));
  return datasets.flatMap((dataset) => {
    const own = records.filter(({ config }) => config.dataset === dataset);
    const on = datasets.length > 1 ? ` on ${datasetName(dataset)}` : '';
    return measures.flatMap((measure) => {
      const contestants = contestantsOf(own, measure);
      const trained = contestants.filter(({ kind }) => kind === 'trained');
      if (trained.length === 0) return [];
      const testImages = Math.min(...own.map((record) => record.dataset.testImages));
      const accuracies = contestants.map(({ name, mean }) => `${name} ${mean.toFixed(0)} %`).join(', ');
      const sentences = [whatLearned(trained, contestants, testImages), ranking(trained)].filter(Boolean);
      return [`${measure.name}${on}: ${accuracies}. ${sentences.join(' ')}`.trimEnd()];
    });
  });
}

/** The trained methods from the best down, then the untrained network and raw pixels. */
function contestantsOf(records: readonly RunRecord[], { of, ofPixels }: Measure): Contestant[] {
  const contestant = (name: string, kind: Contestant['kind'], values: number[]) =>
    values.length > 0 ? [{ name, kind, values, mean: summarize(values).mean }] : [];
  const isTrained = ({ config }: RunRecord) => config.training.epochs > 0;
  const ofMethods = distinct(records.filter(isTrained).map(({ config }) => config.method)).flatMap((method) =>
    contestant(
      methodName(method),
      'trained',
      records.filter((record) => record.config.method === method).flatMap(({ metrics }) => of(metrics) ?? []),
    ),
  );
  const untrained = records.filter((record) => !isTrained(record));
  const pixels = records.flatMap(({ metrics }) => ofPixels(metrics) ?? []);
  return [
    ...ofMethods.sort((a, b) => b.mean - a.mean),
    ...contestant(
      'untrained',
      'untrained',
      untrained.flatMap(({ metrics }) => of(metrics) ?? []),
    ),
    ...contestant('raw pixels', 'pixels', pixels.length > 0 ? [summarize(pixels).mean] : []),
  ];
}

/** Which methods are above what the network and the images give without training. */
function whatLearned(
  trained: readonly Contestant[],
  contestants: readonly Contestant[],
  testImages: number,
): string {
  const baselines = contestants.filter(({ kind }) => kind !== 'trained');
  if (baselines.length === 0) return '';
  const groups = new Map<string, string[]>();
  for (const method of trained) {
    const below = baselines.filter((baseline) => isAbove(method, baseline, testImages));
    const key = below
      .map(({ name }) => (name === 'untrained' ? 'the untrained network' : name))
      .join(' and ');
    groups.set(key, [...(groups.get(key) ?? []), method.name]);
  }
  const all = baselines
    .map(({ name }) => (name === 'untrained' ? 'the untrained network' : name))
    .join(' or ');
  return [...groups]
    .map(([below, names]) => {
      const [who, verb] = [list(names), names.length > 1 ? 'are' : 'is'];
      return below ? `${who} ${verb} above ${below}.` : `${who} ${verb} not clearly above ${all}.`;
    })
    .join(' ');
}

/** Whether the difference of the means is more than two standard errors that the choice of test images makes. */
function isAbove(one: Contestant, other: Contestant, testImages: number): boolean {
  const variance = ({ mean }: Contestant) => (mean * (100 - mean)) / testImages;
  return one.mean - other.mean > 2 * Math.sqrt(variance(one) + variance(other));
}

/** The best method against the next. */
function ranking([best, next]: readonly Contestant[]): string {
  if (!next) return '';
  const difference = best.mean - next.mean;
  const points = difference < 0.05 ? 'level with' : `${difference.toFixed(1)} points above`;
  const seeds = Math.min(best.values.length, next.values.length);
  if (seeds < enoughSeeds) {
    const runs = seeds === 1 ? 'One seed does' : `${seeds} seeds do`;
    return `${best.name} is ${points} ${next.name}. ${runs} not rank them.`;
  }
  return Math.min(...best.values) > Math.max(...next.values)
    ? `${best.name} is ${points} ${next.name}, above it with every one of ${seeds} seeds.`
    : `${best.name} is ${points} ${next.name}, within the spread of ${seeds} seeds: no ranking.`;
}

function list(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}
