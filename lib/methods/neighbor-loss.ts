import type { Scalar, Tensor2D, Tensor3D } from '@tensorflow/tfjs-core';
import { normalize, tf } from '../engine';
import type { StepDraws } from './method';
import { ownProjections } from './similarity';

/** MNN's components, as the options of a method give them. */
export interface NeighborOptions extends MixingOptions {
  /** `mnn`: 1 for the key and 1/topK for each neighbor; `equal`: 1/(1 + topK) for each of them, as MSF has it. */
  weighting: 'mnn' | 'equal';
}

/**
 * The loss of one direction of MNN, MSF and CMSF: the mean over the batch of the weighted distances of a
 * prediction to its key and to the key's neighbors.
 * @param predictions [batch, dim]; @param keys [batch, dim]; @param neighbors [batch, topK, dim], all raw.
 */
export function neighborLoss(
  predictions: Tensor2D,
  keys: Tensor2D,
  neighbors: Tensor3D,
  options: NeighborOptions,
  draws: StepDraws,
): Scalar {
  const toKey = keyDistance(predictions, keys);
  const targets = neighborTargets(keys, neighbors, options, draws);
  const toNeighbors = tf.mean(distances(predictions, targets)) as Scalar;
  if (options.weighting === 'mnn') return tf.add(toKey, toNeighbors);
  const topK = neighbors.shape[1];
  return tf.div(tf.add(toKey, tf.mul(toNeighbors, topK)), 1 + topK);
}

/** Mean over the batch of the distance of a prediction to its key; both [batch, dim], raw. BYOL's loss. */
export function keyDistance(predictions: Tensor2D, keys: Tensor2D): Scalar {
  return tf.mean(distances(predictions, tf.expandDims(normalize(keys), 1) as Tensor3D));
}

/**
 * 2 - 2 <p / |p|, target> for every target of every sample: the squared distance where the target has unit
 * length. The factor stays where it has not, as in the authors' code.
 * @param predictions [batch, dim]; @param targets [batch, count, dim]; @returns [batch, count].
 */
export function distances(predictions: Tensor2D, targets: Tensor3D): Tensor2D {
  return tf.sub(2, tf.mul(ownProjections(predictions, targets), 2));
}

/**
 * How a neighbor is mixed with the key it was found for.
 * - `norm1`: the raw vectors, and the mixture scaled to unit length (the code behind the README's numbers)
 * - `norm2`: the unit vectors, and the mixture scaled to unit length
 * - `norm3`: the unit vectors, the mixture left as it is (the printed paper's code)
 *
 * The paper's abstract calls it an image mixture; the authors' code mixes features, and so does this.
 */
export const mixings = ['norm1', 'norm2', 'norm3'] as const;
export type Mixing = (typeof mixings)[number];

/** MNN's mixing, as a method's options give it. */
export interface MixingOptions {
  mixing: Mixing | 'none';
  lambda: number | 'random';
}

/**
 * What stands for the neighbors of each key: mixed with it, or only scaled to unit length.
 * @param keys [batch, dim]; @param neighbors [batch, topK, dim], raw; @returns [batch, topK, dim].
 */
export function neighborTargets(
  keys: Tensor2D,
  neighbors: Tensor3D,
  { mixing, lambda }: MixingOptions,
  draws: StepDraws,
): Tensor3D {
  if (mixing === 'none') return normalize(neighbors);
  return mixNeighbors(keys, neighbors, lambda === 'random' ? draws.uniform() : lambda, mixing);
}

/**
 * Mixed neighbors: lambda times the neighbor plus 1 - lambda times the key.
 * @param keys [batch, dim]; @param neighbors [batch, topK, dim], raw; @returns [batch, topK, dim].
 */
export function mixNeighbors(keys: Tensor2D, neighbors: Tensor3D, lambda: number, mixing: Mixing): Tensor3D {
  return tf.tidy(() => {
    const raw = mixing === 'norm1';
    const key = tf.expandDims(raw ? keys : normalize(keys), 1);
    const neighbor = raw ? neighbors : normalize(neighbors);
    const mixed = tf.add(tf.mul(neighbor, lambda), tf.mul(key, 1 - lambda)) as Tensor3D;
    return mixing === 'norm3' ? mixed : normalize(mixed);
  });
}
