import type { Scalar, Tensor2D, Tensor3D } from '@tensorflow/tfjs-core';
import { tf } from '../engine/tf';
import type { StepDraws } from './method';
import { type MixingOptions, neighbourTargets } from './neighbour-mixing';
import { normalize } from './normalize';
import { ownProjections } from './similarity';

/** MNN's components, as the options of a method give them. */
export interface NeighbourOptions extends MixingOptions {
  /** `mnn`: 1 for the key and 1/topK for each neighbour; `equal`: 1/(1 + topK) for each of them, as MSF has it. */
  weighting: 'mnn' | 'equal';
}

/**
 * The loss of one direction of MNN, MSF and CMSF: the mean over the batch of the weighted distances of a
 * prediction to its key and to the key's neighbours.
 * @param predictions [batch, dim]; @param keys [batch, dim]; @param neighbours [batch, topK, dim], all raw.
 */
export function neighbourLoss(
  predictions: Tensor2D,
  keys: Tensor2D,
  neighbours: Tensor3D,
  options: NeighbourOptions,
  draws: StepDraws,
): Scalar {
  const toKey = keyDistance(predictions, keys);
  const targets = neighbourTargets(keys, neighbours, options, draws);
  const toNeighbours = tf.mean(distances(predictions, targets)) as Scalar;
  if (options.weighting === 'mnn') return tf.add(toKey, toNeighbours);
  const topK = neighbours.shape[1];
  return tf.div(tf.add(toKey, tf.mul(toNeighbours, topK)), 1 + topK);
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
