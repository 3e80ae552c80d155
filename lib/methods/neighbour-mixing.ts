import type { Tensor2D, Tensor3D } from '@tensorflow/tfjs-core';
import { tf } from '../engine/tf';
import type { StepDraws } from './method';
import { normalize } from './normalize';

/**
 * How a neighbour is mixed with the key it was found for.
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
 * What stands for the neighbours of each key: mixed with it, or only scaled to unit length.
 * @param keys [batch, dim]; @param neighbours [batch, topK, dim], raw; @returns [batch, topK, dim].
 */
export function neighbourTargets(
  keys: Tensor2D,
  neighbours: Tensor3D,
  { mixing, lambda }: MixingOptions,
  draws: StepDraws,
): Tensor3D {
  if (mixing === 'none') return normalize(neighbours);
  return mixNeighbours(keys, neighbours, lambda === 'random' ? draws.uniform() : lambda, mixing);
}

/**
 * Mixed neighbours: lambda times the neighbour plus 1 - lambda times the key.
 * @param keys [batch, dim]; @param neighbours [batch, topK, dim], raw; @returns [batch, topK, dim].
 */
export function mixNeighbours(
  keys: Tensor2D,
  neighbours: Tensor3D,
  lambda: number,
  mixing: Mixing,
): Tensor3D {
  return tf.tidy(() => {
    const raw = mixing === 'norm1';
    const key = tf.expandDims(raw ? keys : normalize(keys), 1);
    const neighbour = raw ? neighbours : normalize(neighbours);
    const mixed = tf.add(tf.mul(neighbour, lambda), tf.mul(key, 1 - lambda)) as Tensor3D;
    return mixing === 'norm3' ? mixed : normalize(mixed);
  });
}
