import type { Tensor2D } from '@tensorflow/tfjs-core';
import type { Dataset, LabelledImages } from '../data';
import { currentEngine, tf } from '../engine';
import { UserError } from '../errors';
import { normalize } from '../methods';
import type { Layer } from '../models';
import { extractFeatures } from './features';
import { topKAccuracy } from './metrics';

export interface NearestNeighbourOptions {
  /** Neighbours that vote; 200 in the paper. */
  k: number;
  /** A neighbour of cosine similarity s votes with weight exp(s / temperature); 0.1 in the paper. */
  temperature: number;
}

/** Queries compared with the bank at once. */
const chunk = 256;

/**
 * Class scores [queries, classes] (row after row) by the votes of each query's k nearest bank rows, by cosine.
 * @param bank [rows, features], and their labels; @param queries [queries, features].
 * @throws UserError if there are fewer than k rows.
 */
export async function nearestNeighbourScores(
  bank: Tensor2D,
  labels: Int32Array,
  queries: Tensor2D,
  classes: number,
  { k, temperature }: NearestNeighbourOptions,
): Promise<Float64Array> {
  if (k > bank.shape[0]) {
    throw new UserError(
      `k ${k} is more than the ${bank.shape[0]} pictures to search in: give a smaller evaluation.knnK.`,
    );
  }
  const scores = new Float64Array(queries.shape[0] * classes);
  const keys = tf.tidy(() => tf.transpose(normalize(bank)) as Tensor2D);
  for (let first = 0; first < queries.shape[0]; first += chunk) {
    const count = Math.min(chunk, queries.shape[0] - first);
    const nearest = tf.tidy(() => {
      const rows = normalize(tf.slice(queries, [first, 0], [count, -1]));
      const { values, indices } = tf.topk(currentEngine().kernels.matMul(rows, keys), k);
      return [values, indices];
    });
    const [similarities, rows] = await Promise.all(nearest.map((tensor) => tensor.data()));
    tf.dispose(nearest);
    for (let i = 0; i < count * k; i++) {
      const query = first + Math.floor(i / k);
      scores[query * classes + labels[rows[i]]] += Math.exp(similarities[i] / temperature);
    }
  }
  keys.dispose();
  return scores;
}

/**
 * The nearest-neighbour evaluation of a network: training pictures vote on test pictures, both without
 * augmentation and in evaluation mode. Top-1 accuracy in percent.
 */
export async function nearestNeighbourAccuracy(
  backbone: Layer,
  dataset: Dataset,
  options: NearestNeighbourOptions,
): Promise<number> {
  const bank = await extractFeatures(backbone, dataset.train, dataset.normalization);
  const queries = await extractFeatures(backbone, dataset.test, dataset.normalization);
  const accuracy = await vote(bank, queries, dataset, options);
  tf.dispose([bank, queries]);
  return accuracy;
}

/**
 * The same vote on pixels, each picture minus its mean: what the dataset gives away without any network.
 * Top-1 accuracy in percent.
 */
export async function rawPixelAccuracy(dataset: Dataset, options: NearestNeighbourOptions): Promise<number> {
  const [bank, queries] = [centredPixels(dataset.train), centredPixels(dataset.test)];
  const accuracy = await vote(bank, queries, dataset, options);
  tf.dispose([bank, queries]);
  return accuracy;
}

async function vote(
  bank: Tensor2D,
  queries: Tensor2D,
  { train, test, classes }: Dataset,
  options: NearestNeighbourOptions,
): Promise<number> {
  const scores = await nearestNeighbourScores(bank, train.labels, queries, classes.length, options);
  return topKAccuracy(scores, test.labels, classes.length, 1);
}

function centredPixels({ count, size, pixels }: LabelledImages): Tensor2D {
  return tf.tidy(() => {
    const rows = tf.tensor2d(Float32Array.from(pixels), [count, size * size * 3]);
    return tf.sub(rows, tf.mean(rows, 1, true));
  });
}
