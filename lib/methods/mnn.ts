import type { Scalar, Tensor2D, Tensor3D } from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { tf } from '../engine';
import type { Learner, Method } from './method';
import { neighbourLearner } from './neighbour-learner';
import { distances, type Mixing, mixings, mixNeighbours } from './neighbour-mixing';
import { normalize } from './normalize';

const options = z.strictObject({
  /** Weight of the old teacher in the moving average; .99 for CIFAR, .996 for STL-10 and Tiny ImageNet. */
  teacherMomentum: z.number().min(0).max(1).default(0.99),
  /** Keys in the memory bank; 4096 for CIFAR, 16384 for STL-10 and Tiny ImageNet. */
  memoryBank: z.int().positive().default(4096),
  /** Neighbours of each key. */
  topK: z.int().positive().default(5),
  mixing: z.enum(mixings).default('norm3'),
  /** Weight of the neighbour in a mixture, or 'random' for a new one in every direction of every step. */
  lambda: z.union([z.literal('random'), z.number().min(0).max(1)]).default('random'),
});
type MnnOptions = z.infer<typeof options>;

/**
 * MNN: Mixed Nearest-Neighbors (Long, Peng and Li, Pattern Recognition 2025). The prediction of one view is
 * pulled to the teacher's key of the other view with weight 1, and to each of the key's topK mixed neighbours
 * with weight 1/topK. Symmetric; the weak view's keys fill the bank.
 */
export const mnn: Method<MnnOptions> = {
  name: 'mnn',
  title: 'MNN',
  source: 'Long, Peng and Li, Pattern Recognition 158 (2025) 110998; github.com/pc-cp/MNN',
  views: ['strong', 'weak'],
  searchesNeighbours: true,
  options,
  create(config, { lambda, mixing, ...settings }): Learner {
    return neighbourLearner(config, settings, (predictions, keys, neighbours, draws) => {
      const weight = lambda === 'random' ? draws.uniform() : lambda;
      return mnnLoss(predictions, keys, neighbours, weight, mixing);
    });
  },
};

/**
 * The loss of one direction (paper section 3): mean over the batch of the key's distance plus the mean of
 * the mixed neighbours' distances.
 * @param predictions [batch, dim], raw; @param keys [batch, dim], raw; @param neighbours [batch, topK, dim].
 */
export function mnnLoss(
  predictions: Tensor2D,
  keys: Tensor2D,
  neighbours: Tensor3D,
  lambda: number,
  mixing: Mixing,
): Scalar {
  const toKey = distances(predictions, tf.expandDims(normalize(keys), 1) as Tensor3D);
  const toMixed = distances(predictions, mixNeighbours(keys, neighbours, lambda, mixing));
  return tf.add(tf.mean(toKey), tf.mean(toMixed)) as Scalar;
}
