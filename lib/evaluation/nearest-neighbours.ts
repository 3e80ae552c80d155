import type { Tensor2D } from '@tensorflow/tfjs-core';
import type { Dataset } from '../data';
import type { Layer } from '../models';
import { extractFeatures } from './features';
import { topKAccuracy } from './metrics';
import { type NearestRows, nearestRows } from './neighbours';

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
  return votes(await nearestRows(bank, queries, k), labels, classes, temperature);
}

/** Class scores [queries, classes], row after row, from each query's nearest rows; @param labels of the bank's rows. */
export function votes(
  { k, rows, similarities }: NearestRows,
  labels: Int32Array,
  classes: number,
  temperature: number,
): Float64Array {
  const scores = new Float64Array((rows.length / k) * classes);
  rows.forEach((row, i) => {
    scores[Math.floor(i / k) * classes + labels[row]] += Math.exp(similarities[i] / temperature);
  });
  return scores;
}

/**
 * The nearest-neighbour evaluation of a network: training pictures vote on test pictures, both without
 * augmentation and in evaluation mode. Top-1 accuracy in percent.
 * @param onPictures told how many pictures went through the network since it was told last; what it throws ends the
 *   work.
 */
export async function nearestNeighbourAccuracy(
  backbone: Layer,
  dataset: Dataset,
  options: NearestNeighbourOptions,
  onPictures?: (count: number) => void,
): Promise<number> {
  const { train, test, normalization } = dataset;
  const bank = await extractFeatures(backbone, train, normalization, onPictures);
  try {
    const queries = await extractFeatures(backbone, test, normalization, onPictures);
    const accuracy = await vote(bank, queries, dataset, options);
    queries.dispose();
    return accuracy;
  } finally {
    bank.dispose();
  }
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
