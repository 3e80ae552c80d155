import type { Tensor2D } from '@tensorflow/tfjs-core';
import type { Dataset, LabelledImages } from '../data';
import { tf } from '../engine';
import type { Layer } from '../models';
import { extractFeatures } from './features';
import { topKAccuracy } from './metrics';
import { nearestRows } from './neighbours';

export interface NearestNeighbourOptions {
  /** Neighbours that vote; 200 in the paper. */
  k: number;
  /** A neighbour of cosine similarity s votes with weight exp(s / temperature); 0.1 in the paper. */
  temperature: number;
}

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
  const { rows, similarities } = await nearestRows(bank, queries, k);
  const scores = new Float64Array(queries.shape[0] * classes);
  rows.forEach((row, i) => {
    scores[Math.floor(i / k) * classes + labels[row]] += Math.exp(similarities[i] / temperature);
  });
  return scores;
}

/**
 * The nearest-neighbour evaluation of a network: training pictures vote on test pictures, both without
 * augmentation and in evaluation mode. Top-1 accuracy in percent.
 * @param onPictures told how many pictures went through the network since it was told last.
 */
export async function nearestNeighbourAccuracy(
  backbone: Layer,
  dataset: Dataset,
  options: NearestNeighbourOptions,
  onPictures?: (count: number) => void,
): Promise<number> {
  const { train, test, normalization } = dataset;
  const bank = await extractFeatures(backbone, train, normalization, onPictures);
  const queries = await extractFeatures(backbone, test, normalization, onPictures);
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
