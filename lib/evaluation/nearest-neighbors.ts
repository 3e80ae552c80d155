import type { Tensor2D } from '@tensorflow/tfjs-core';
import { checkEvaluated, type Dataset } from '../data';
import type { Layer } from '../models';
import { extractFeatures } from './features';
import { accuracyOf, predictedClasses } from './metrics';
import { type NearestRows, nearestRows } from './neighbors';

export interface NearestNeighborOptions {
  /** Neighbors that vote; 200 in the paper. */
  k: number;
  /** A neighbor of cosine similarity s votes with weight exp(s / temperature); 0.1 in the paper. */
  temperature: number;
}

/**
 * Class scores [queries, classes] (row after row) by the votes of each query's k nearest bank rows, by cosine.
 * @param bank [rows, features], and their labels; @param queries [queries, features].
 * @throws UserError if there are fewer than k rows.
 */
export async function nearestNeighborScores(
  bank: Tensor2D,
  labels: Int32Array,
  queries: Tensor2D,
  classes: number,
  { k, temperature }: NearestNeighborOptions,
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
 * The nearest-neighbor evaluation of a network: training images vote on test images, both without augmentation and
 * in evaluation mode. The class that wins for each test image, or -1 if the network's features are not numbers.
 * @param onImages told how many images went through the network since it was told last; what it throws ends the
 *   work.
 */
export async function nearestNeighborPredictions(
  backbone: Layer,
  dataset: Dataset,
  options: NearestNeighborOptions,
  onImages?: (count: number) => void,
): Promise<Int32Array> {
  checkEvaluated(dataset);
  const { train, test, normalization, classes } = dataset;
  const bank = await extractFeatures(backbone, train, normalization, onImages);
  try {
    const queries = await extractFeatures(backbone, test, normalization, onImages);
    const scores = await nearestNeighborScores(bank, train.labels, queries, classes.length, options).finally(
      () => queries.dispose(),
    );
    return predictedClasses(scores, classes.length);
  } finally {
    bank.dispose();
  }
}

/** The nearest-neighbor evaluation's top-1 accuracy in percent: see `nearestNeighborPredictions`. */
export async function nearestNeighborAccuracy(
  ...[backbone, dataset, options, onImages]: Parameters<typeof nearestNeighborPredictions>
): Promise<number> {
  const predictions = await nearestNeighborPredictions(backbone, dataset, options, onImages);
  return accuracyOf(predictions, dataset.test.labels);
}
