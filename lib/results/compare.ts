import { UserError } from '../core/errors';
import {
  bootstrapMean,
  type Interval,
  mcnemarTest,
  signFlipTest,
  studentInterval,
} from '../core/paired-statistics';
import { unpackPredictions } from './predictions';
import type { RunRecord } from './record';

/** Which accuracy is compared: the linear evaluation's (best epoch) or the nearest neighbors' (last epoch). */
export type ComparedAccuracy = 'linear' | 'knn';

/** Two settings compared over the same seeds and the same test images. Differences are first minus second, in points. */
export interface RunComparison {
  /** The seeds that both have, in ascending order. */
  seeds: number[];
  /** Test images. */
  images: number;
  /** One difference for each seed. */
  differences: number[];
  mean: number;
  /** 95 % bootstrap interval of the mean, over test images and seeds; of one seed over test images alone. */
  interval: Interval;
  /** Student's 95 % interval over the seeds; absent for one seed. */
  seedInterval?: Interval;
  /** McNemar's exact p value of each seed's two networks. It speaks of these networks, not of the methods. */
  mcnemar: number[];
  /** Exact paired permutation test over seeds, from the six on with which it can fall below 0.05. */
  p?: number;
  verdict: 'higher' | 'lower' | 'cannot tell';
  /** Why it cannot be told; empty otherwise. */
  reason: string;
}

/** From this many seeds on the exact test can fall below 0.05: 2^(1-6) = 0.031. */
const seedsForExactTest = 6;

/**
 * Compares the runs of two settings, seed by seed and test image by test image. The first is 'higher' or 'lower' only if
 * there are two seeds or more and both intervals exclude 0, and the exact test, if there are seeds enough, is below 0.05.
 * @throws UserError if they share no seed, were tested on different images, or a record has no predictions.
 */
export function compareRuns(
  first: readonly RunRecord[],
  second: readonly RunRecord[],
  accuracy: ComparedAccuracy = 'linear',
): RunComparison {
  const pairs = pairBySeed(first, second);
  const rows = pairs.map((pair) => imageDifferences(pair, accuracy));
  const differences = rows.map((row) => (100 * row.reduce((sum, value) => sum + value, 0)) / row.length);
  const count = (row: Int8Array, value: number) => row.filter((difference) => difference === value).length;
  const [low, high] = bootstrapMean(rows);
  const interval: Interval = [100 * low, 100 * high];
  const seedInterval = studentInterval(differences);
  const p = differences.length >= seedsForExactTest ? signFlipTest(differences) : undefined;
  return {
    seeds: pairs.map(([{ config }]) => config.seed),
    images: rows[0].length,
    differences,
    mean: differences.reduce((sum, value) => sum + value, 0) / differences.length,
    interval,
    ...(seedInterval && { seedInterval }),
    mcnemar: rows.map((row) => mcnemarTest(count(row, 1), count(row, -1))),
    ...(p !== undefined && { p }),
    ...judge(interval, seedInterval, p),
  };
}

function judge(
  interval: Interval,
  seedInterval: Interval | undefined,
  p: number | undefined,
): Pick<RunComparison, 'verdict' | 'reason'> {
  const cannotTell = (reason: string) => ({ verdict: 'cannot tell' as const, reason });
  const contains0 = ([low, high]: Interval) => low <= 0 && high >= 0;
  if (!seedInterval) return cannotTell('one seed does not show how much seeds differ');
  if (contains0(interval)) return cannotTell('the interval over test images and seeds contains 0');
  if (contains0(seedInterval)) return cannotTell('the interval over seeds contains 0');
  if (p !== undefined && p >= 0.05) return cannotTell('the exact test over seeds is not below 0.05');
  return { verdict: interval[0] > 0 ? 'higher' : 'lower', reason: '' };
}

function pairBySeed(first: readonly RunRecord[], second: readonly RunRecord[]): [RunRecord, RunRecord][] {
  const pairs = [...first]
    .sort((a, b) => a.config.seed - b.config.seed)
    .flatMap((record): [RunRecord, RunRecord][] => {
      const other = second.find(({ config }) => config.seed === record.config.seed);
      return other ? [[record, other]] : [];
    });
  if (pairs.length > 0) return pairs;
  const seeds = (records: readonly RunRecord[]) =>
    records.map(({ config }) => config.seed).join(', ') || 'none';
  throw new UserError(
    `The two have no seed in common: ${seeds(first)} and ${seeds(second)}. Run both with the same seeds.`,
  );
}

/** Of each test image: 1 if only the first has it right, -1 if only the second, else 0. */
function imageDifferences([first, second]: [RunRecord, RunRecord], accuracy: ComparedAccuracy): Int8Array {
  if (first.dataset.checksum !== second.dataset.checksum) {
    throw new UserError(
      `${first.id} and ${second.id} were made with different images (checksums ${first.dataset.checksum.slice(0, 8)} ` +
        `and ${second.dataset.checksum.slice(0, 8)}) and cannot be compared image by image.`,
    );
  }
  const [a, b] = [first, second].map((record) => correctImages(record, accuracy));
  return Int8Array.from(a, (right, i) => Number(right) - Number(b[i]));
}

/** Whether each test image was classified correctly. */
function correctImages({ id, predictions, dataset }: RunRecord, accuracy: ComparedAccuracy): boolean[] {
  const packed = predictions?.[accuracy];
  if (!predictions || packed === undefined) {
    throw new UserError(
      `Record ${id} has no ${accuracy} predictions: it was made without them. Run it again with a current kit.`,
    );
  }
  const unpack = (text: string) => unpackPredictions(text, dataset.testImages, dataset.classes);
  const labels = unpack(predictions.labels);
  return Array.from(unpack(packed), (predicted, i) => predicted === labels[i]);
}
