import type { Tensor2D } from '@tensorflow/tfjs-core';
import { checkEvaluated, type Dataset } from '../data';
import type { Layer } from '../models';
import { extractFeatures } from './features';
import { accuracyOf, predictedClasses } from './metrics';
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
 * The nearest-neighbour evaluation of a network: training images vote on test images, both without augmentation and
 * in evaluation mode. The class that wins for each test image, or -1 if the network's features are not numbers.
 * @param onPictures told how many pictures went through the network since it was told last; what it throws ends the
 *   work.
 */
export async function nearestNeighbourPredictions(
  backbone: Layer,
  dataset: Dataset,
  options: NearestNeighbourOptions,
  onPictures?: (count: number) => void,
): Promise<Int32Array> {
  checkEvaluated(dataset);
  const { train, test, normalization, classes } = dataset;
  const bank = await extractFeatures(backbone, train, normalization, onPictures);
  try {
    const queries = await extractFeatures(backbone, test, normalization, onPictures);
    const scores = await nearestNeighbourScores(bank, train.labels, queries, classes.length, options).finally(
      () => queries.dispose(),
    );
    return predictedClasses(scores, classes.length);
  } finally {
    bank.dispose();
  }
}

/** The nearest-neighbour evaluation's top-1 accuracy in percent: see `nearestNeighbourPredictions`. */
export async function nearestNeighbourAccuracy(
  ...[backbone, dataset, options, onPictures]: Parameters<typeof nearestNeighbourPredictions>
): Promise<number> {
  const predictions = await nearestNeighbourPredictions(backbone, dataset, options, onPictures);
  return accuracyOf(predictions, dataset.test.labels);
}
