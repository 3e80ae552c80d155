import type { Tensor2D, Tensor3D } from '@tensorflow/tfjs-core';
import { tf } from '../engine';
import { normalize } from './normalize';

/**
 * How a neighbour is mixed with the key it was found for.
 * - `norm1`: the raw vectors, and the mixture scaled to unit length (the code behind the README's numbers)
 * - `norm2`: the unit vectors, and the mixture scaled to unit length
 * - `norm3`: the unit vectors, the mixture left as it is (the printed paper's code)
 */
export const mixings = ['norm1', 'norm2', 'norm3'] as const;
export type Mixing = (typeof mixings)[number];

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

/**
 * 2 - 2 <p / |p|, target> for every target of every sample: the squared distance where the target has unit
 * length. The factor stays where it has not, as in the authors' code.
 * @param predictions [batch, dim]; @param targets [batch, count, dim]; @returns [batch, count].
 */
export function distances(predictions: Tensor2D, targets: Tensor3D): Tensor2D {
  const products = tf.sum(tf.mul(tf.expandDims(normalize(predictions), 1), targets), -1);
  return tf.sub(2, tf.mul(products, 2));
}
