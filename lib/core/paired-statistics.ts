import { randomStream } from './random';
import { summarize } from './statistics';

/** A 95 % interval: its lower and upper end. */
export type Interval = [low: number, high: number];

/** Resamples of a bootstrap, and the seed that draws them. */
export interface BootstrapOptions {
  /** Default: 2,000. */
  resamples?: number;
  /** Default: 0. */
  seed?: number;
}

/**
 * Bootstrap interval of the mean of a table of paired differences, resampling both its rows (seeds) and its columns
 * (test images): percentile method, 95 %. One row is kept as it is, so that the interval then covers the images alone.
 * @param rows one array for each seed, with a difference for each image; all of one length.
 */
export function bootstrapMean(
  rows: readonly ArrayLike<number>[],
  { resamples = 2000, seed = 0 }: BootstrapOptions = {},
): Interval {
  const random = randomStream(seed, 'bootstrap');
  const images = rows[0].length;
  const sum = new Float64Array(images);
  const means = Float64Array.from({ length: resamples }, () => {
    sum.fill(0);
    for (let i = 0; i < rows.length; i++) {
      const row = rows[random.integer(0, rows.length - 1)];
      for (let image = 0; image < images; image++) sum[image] += row[image];
    }
    let total = 0;
    for (let i = 0; i < images; i++) total += sum[random.integer(0, images - 1)];
    return total / images / rows.length;
  }).sort();
  return [quantile(means, 0.025), quantile(means, 0.975)];
}

/**
 * Student's 95 % interval of the mean of a few values, such as the differences over seeds.
 * @returns undefined for fewer than two values.
 */
export function studentInterval(values: readonly number[]): Interval | undefined {
  const { mean, deviation, count } = summarize(values);
  if (count < 2) return undefined;
  const reach = (studentQuantile(count - 1) * deviation) / Math.sqrt(count);
  return [mean - reach, mean + reach];
}

/**
 * Exact paired permutation test of a mean difference of 0: the share of the 2^n ways to flip signs that give a mean at
 * least as far from 0. Two-sided. With n differences the p value is at least 2^(1-n): 0.25 for three seeds.
 * @param differences at most 20.
 */
export function signFlipTest(differences: readonly number[]): number {
  const observed = Math.abs(differences.reduce((sum, value) => sum + value, 0));
  const ways = 2 ** differences.length;
  let asFar = 0;
  for (let flips = 0; flips < ways; flips++) {
    const sum = differences.reduce((total, value, i) => total + ((flips >> i) & 1 ? -value : value), 0);
    // The same sum in another order differs by rounding.
    if (Math.abs(sum) >= observed * (1 - 1e-12)) asFar++;
  }
  return asFar / ways;
}

/**
 * McNemar's exact test: of the images that only one of two classifiers has right, whether one has more than chance
 * would give it. Two-sided p value of the binomial distribution.
 */
export function mcnemarTest(onlyFirst: number, onlySecond: number): number {
  const count = onlyFirst + onlySecond;
  const fewer = Math.min(onlyFirst, onlySecond);
  if (onlyFirst === onlySecond) return 1;
  let logTerm = -count * Math.LN2;
  let tail = Math.exp(logTerm);
  for (let k = 1; k <= fewer; k++) {
    logTerm += Math.log((count - k + 1) / k);
    tail += Math.exp(logTerm);
  }
  return Math.min(1, 2 * tail);
}

/**
 * Kendall's tau-b of two rankings: 1 if they order all pairs alike, -1 if all the other way round.
 * @returns undefined if all values of one of them are equal.
 */
export function kendallTau(first: readonly number[], second: readonly number[]): number | undefined {
  let agreeing = 0;
  let untiedFirst = 0;
  let untiedSecond = 0;
  for (let i = 0; i < first.length; i++) {
    for (let j = 0; j < i; j++) {
      const a = Math.sign(first[i] - first[j]);
      const b = Math.sign(second[i] - second[j]);
      agreeing += a * b;
      untiedFirst += Math.abs(a);
      untiedSecond += Math.abs(b);
    }
  }
  if (untiedFirst === 0 || untiedSecond === 0) return undefined;
  return agreeing / Math.sqrt(untiedFirst * untiedSecond);
}

/**
 * Bootstrap interval of Kendall's tau-b over what is ranked: percentile method, 95 %.
 * @returns undefined for fewer than four items: too few to resample.
 */
export function kendallInterval(
  first: readonly number[],
  second: readonly number[],
  { resamples = 2000, seed = 0 }: BootstrapOptions = {},
): Interval | undefined {
  const count = first.length;
  if (count < 4) return undefined;
  const random = randomStream(seed, 'bootstrap');
  const taus: number[] = [];
  for (let i = 0; i < resamples; i++) {
    const items = Array.from({ length: count }, () => random.integer(0, count - 1));
    const tau = kendallTau(
      items.map((item) => first[item]),
      items.map((item) => second[item]),
    );
    if (tau !== undefined) taus.push(tau);
  }
  const sorted = Float64Array.from(taus).sort();
  return [quantile(sorted, 0.025), quantile(sorted, 0.975)];
}

/** A quantile of sorted values, linear between them, as numpy's default. */
function quantile(sorted: Float64Array, share: number): number {
  const place = share * (sorted.length - 1);
  const below = Math.floor(place);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
}

/** Student's t, 97.5 % quantile, by degrees of freedom from 1 on. */
const studentQuantiles = [
  12.7062, 4.30265, 3.18245, 2.77645, 2.57058, 2.44691, 2.36462, 2.306, 2.26216, 2.22814, 2.20099, 2.17881,
  2.16037, 2.14479, 2.13145, 2.11991, 2.10982, 2.10092, 2.09302,
];

/** Student's t, 97.5 % quantile; beyond 19 degrees of freedom that of 19, which is a little too wide. */
export function studentQuantile(freedom: number): number {
  return studentQuantiles[Math.min(freedom, studentQuantiles.length) - 1];
}
