import type { Scalar, Tensor2D, Tensor3D } from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { tf } from '../engine';
import type { Learner, Method } from './method';
import { neighbourLearner } from './neighbour-learner';
import { distances } from './neighbour-mixing';
import { normalize } from './normalize';

const options = z.strictObject({
  teacherMomentum: z.number().min(0).max(1).default(0.99),
  /** Keys in the memory bank; 4096 for CIFAR, 16384 for STL-10 and Tiny ImageNet. */
  memoryBank: z.int().positive().default(4096),
  /** Neighbours of each key. */
  topK: z.int().positive().default(5),
});

/**
 * MSF: Mean Shift (Koohpayegani, Tejankar and Pirsiavash, ICCV 2021), as in the authors' benchmark: the
 * prediction is pulled, with equal weights, to the teacher's key and to its topK neighbours.
 */
export const msf: Method<z.infer<typeof options>> = {
  name: 'msf',
  title: 'MSF',
  source: 'Koohpayegani, Tejankar and Pirsiavash, ICCV 2021; github.com/pc-cp/Benchmark-Methods-For-MNN',
  views: ['strong', 'weak'],
  searchesNeighbours: true,
  options,
  create: (config, settings): Learner => neighbourLearner(config, settings, msfLoss),
};

/**
 * The loss of one direction: the mean distance to the key and its neighbours.
 * @param predictions [batch, dim], raw; @param keys [batch, dim], raw; @param neighbours [batch, topK, dim].
 */
export function msfLoss(predictions: Tensor2D, keys: Tensor2D, neighbours: Tensor3D): Scalar {
  const targets = tf.concat([tf.expandDims(keys, 1) as Tensor3D, neighbours], 1);
  return tf.mean(distances(predictions, normalize(targets))) as Scalar;
}
