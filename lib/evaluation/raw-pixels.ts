import type { Tensor2D } from '@tensorflow/tfjs-core';
import { checkEvaluated, type Dataset, type Images } from '../data';
import { tf } from '../engine';
import { topKAccuracy } from './metrics';
import { type NearestNeighbourOptions, votes } from './nearest-neighbours';
import { checkNeighbours, mergeNearest, type NearestRows, nearestRows } from './neighbours';

/** Pixel values that are compared at once, of the bank and of the queries each: 64 MiB as floats. */
const valuesAtOnce = 1 << 24;

export interface RawPixelOptions {
  /** Told how many of so many comparisons, of a part of one split with a part of the other, are done; what it throws ends the work. */
  onPart?: (done: number, total: number) => void;
  atOnce?: number;
}

/**
 * The nearest-neighbour vote on pixels, each picture minus its mean: what the dataset gives away without any
 * network. Top-1 accuracy in percent. Large datasets are compared part by part: all pixels of Tiny ImageNet would
 * be 5 GB as floats.
 * @throws UserError if there are fewer than k training pictures.
 */
export async function rawPixelAccuracy(
  dataset: Dataset,
  options: NearestNeighbourOptions,
  { onPart, atOnce = valuesAtOnce }: RawPixelOptions = {},
): Promise<number> {
  checkEvaluated(dataset);
  const { train, test, classes } = dataset;
  checkNeighbours(options.k, train.count);
  const [bankParts, queryParts] = [parts(train, atOnce), parts(test, atOnce)];
  let done = 0;
  const onCompared = () => onPart?.(++done, bankParts.length * queryParts.length);
  const scores = new Float64Array(test.count * classes.length);
  for (const part of queryParts) {
    const queries = centredPixels(test, part);
    const nearest = await nearestPictures(train, bankParts, queries, options.k, onCompared).finally(() =>
      queries.dispose(),
    );
    scores.set(
      votes(nearest, train.labels, classes.length, options.temperature),
      part.first * classes.length,
    );
  }
  return topKAccuracy(scores, test.labels, classes.length, 1);
}

async function nearestPictures(
  bank: Images,
  bankParts: readonly Part[],
  queries: Tensor2D,
  k: number,
  onCompared: () => void,
): Promise<NearestRows> {
  let nearest: NearestRows | undefined;
  for (const part of bankParts) {
    const pixels = centredPixels(bank, part);
    const found = await nearestRows(pixels, queries, Math.min(k, part.count));
    pixels.dispose();
    nearest = nearest ? mergeNearest(nearest, found, part.first, k) : found;
    // Between parts the process can answer a signal.
    await new Promise(setImmediate);
    onCompared();
  }
  return nearest!;
}

interface Part {
  first: number;
  count: number;
}

/** Pictures one after the other, as many in each part as have `atOnce` values, at least one. */
function parts({ count, size }: Images, atOnce: number): Part[] {
  const most = Math.max(1, Math.floor(atOnce / (size * size * 3)));
  return Array.from({ length: Math.ceil(count / most) }, (_, i) => ({
    first: i * most,
    count: Math.min(most, count - i * most),
  }));
}

function centredPixels({ size, pixels }: Images, { first, count }: Part): Tensor2D {
  const length = size * size * 3;
  return tf.tidy(() => {
    const values = new Float32Array(pixels.subarray(first * length, (first + count) * length));
    const rows = tf.tensor2d(values, [count, length]);
    return tf.sub(rows, tf.mean(rows, 1, true));
  });
}
