import type { Tensor2D } from '@tensorflow/tfjs-core';
import { checkEvaluated, type Dataset, type Images, pixelsOf, type StoredImages } from '../data';
import { tf } from '../engine';
import type { Layer } from '../models';
import { linearEvaluation } from './linear';

import { topKAccuracy } from './metrics';
import { type NearestNeighborOptions, votes } from './nearest-neighbors';
import { checkNeighbors, mergeNearest, type NearestRows, nearestRows } from './neighbors';

/** What a dataset gives away without any network: top-1 accuracies on raw pixels in percent. */
export interface RawPixelBaselines {
  /** Of the nearest-neighbor vote; null if the dataset has nothing to evaluate with. */
  rawPixelKnnTop1: number | null;
  /** Of a linear classifier; null if none was asked for, too. */
  rawPixelLinearTop1: number | null;
}

export type RawPixelPart = 'nearest neighbors' | 'linear classifier';

/**
 * Both baselines on raw pixels.
 * @param linear whether a classifier learns on them too.
 * @param onPart called with how much of which part is done; what it throws ends the work.
 * @throws UserError if there are fewer than k training images.
 */
export async function rawPixelBaselines(
  dataset: Dataset,
  neighbors: NearestNeighborOptions,
  {
    linear,
    workers,
    onPart,
  }: {
    linear: boolean;
    workers?: number;
    onPart?: (done: number, total: number, part: RawPixelPart) => void;
  },
): Promise<RawPixelBaselines> {
  const rawPixelKnnTop1 = await rawPixelAccuracy(dataset, neighbors, {
    onPart: (done, total) => onPart?.(done, total, 'nearest neighbors'),
  });
  if (!linear) return { rawPixelKnnTop1, rawPixelLinearTop1: null };
  const rawPixelLinearTop1 = await rawPixelLinearAccuracy(dataset, {
    workers,
    onImages: (done, total) => onPart?.(done, total, 'linear classifier'),
  });
  return { rawPixelKnnTop1, rawPixelLinearTop1 };
}

/** Pixel values that are compared at once, of the bank and of the queries each: 64 MiB as floats. */
const defaultBlockValues = 1 << 24;

export interface RawPixelOptions {
  /** Told how many of so many comparisons, of a part of one split with a part of the other, are done; what it throws ends the work. */
  onPart?: (done: number, total: number) => void;
  blockValues?: number;
}

/**
 * The nearest-neighbor vote on pixels, each image minus its mean: what the dataset gives away without any
 * network. Top-1 accuracy in percent. Large datasets are compared part by part: all pixels of Tiny ImageNet would
 * be 5 GB as floats.
 * @throws UserError if there are fewer than k training images.
 */
export async function rawPixelAccuracy(
  dataset: Dataset,
  options: NearestNeighborOptions,
  { onPart, blockValues = defaultBlockValues }: RawPixelOptions = {},
): Promise<number> {
  checkEvaluated(dataset);
  const { train, test, classes } = dataset;
  checkNeighbors(options.k, train.count);
  const [bankParts, queryParts] = [parts(train, blockValues), parts(test, blockValues)];
  let done = 0;
  const onCompared = () => onPart?.(++done, bankParts.length * queryParts.length);
  const scores = new Float64Array(test.count * classes.length);
  for (const part of queryParts) {
    const queries = centeredPixels(test, part);
    const nearest = await nearestImages(train, bankParts, queries, options.k, onCompared).finally(() =>
      queries.dispose(),
    );
    scores.set(
      votes(nearest, train.labels, classes.length, options.temperature),
      part.first * classes.length,
    );
  }
  return topKAccuracy(scores, test.labels, classes.length, 1);
}

async function nearestImages(
  bank: Images | StoredImages,
  bankParts: readonly Part[],
  queries: Tensor2D,
  k: number,
  onCompared: () => void,
): Promise<NearestRows> {
  let nearest: NearestRows | undefined;
  for (const part of bankParts) {
    const pixels = centeredPixels(bank, part);
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

/** Images one after the other, as many in each part as have `blockValues` values, at least one. */
function parts({ count, size }: { count: number; size: number }, blockValues: number): Part[] {
  const most = Math.max(1, Math.floor(blockValues / (size * size * 3)));
  return Array.from({ length: Math.ceil(count / most) }, (_, i) => ({
    first: i * most,
    count: Math.min(most, count - i * most),
  }));
}

function centeredPixels(images: Images | StoredImages, { first, count }: Part): Tensor2D {
  const { size } = images;
  return tf.tidy(() => {
    const values = new Float32Array(pixelsOf(images, first, count));
    const rows = tf.tensor2d(values, [count, size * size * 3]);
    return tf.sub(rows, tf.mean(rows, 1, true));
  });
}

/**
 * How the classifier on pixels learns: the same in every run, so that its accuracy is a fact about the dataset. On
 * CIFAR-10 it ends at 41 %, where larger rates and more epochs end too. Large datasets need fewer epochs.
 */
function onPixels(images: number) {
  const batchSize = 128;
  const epochs = Math.min(20, Math.max(5, Math.ceil((2000 * batchSize) / images)));
  const milestones = [0.6, 0.8].map((share) => Math.round(share * epochs));
  return { epochs, batchSize, lr: 1, milestones };
}

/**
 * The linear evaluation on pixels in place of features, standardized by the dataset's mean and deviation and not
 * augmented. Top-1 accuracy in percent, of the best epoch as in the evaluation of a network.
 * @param onImages called with how many of all images that the classifier learns on are done.
 */
export async function rawPixelLinearAccuracy(
  dataset: Dataset,
  { workers, onImages }: { workers?: number; onImages?: (done: number, total: number) => void } = {},
): Promise<number> {
  const linear = onPixels(dataset.train.count);
  const total = dataset.test.count + linear.epochs * dataset.train.count;
  let done = 0;
  const settings = { seed: 1339, training: { cropSize: dataset.imageSize }, evaluation: { linear } };
  const curve = await linearEvaluation(pixels, dataset, settings, {
    recipe: 'test',
    workers,
    onImages: (count) => {
      done += count;
      onImages?.(done, total);
    },
  });
  return Math.max(...curve.map(({ top1 }) => top1));
}

/** The pixels as features, about as long as the unit vector: a learning rate fits images of every size. */
const pixels: Layer = {
  parameters: () => new Map(),
  buffers: () => new Map(),
  forward: (x) => ({
    y: tf.tidy(() => {
      const length = x.size / x.shape[0];
      return tf.mul(tf.reshape(x, [x.shape[0], length]), 1 / Math.sqrt(length));
    }),
  }),
};
