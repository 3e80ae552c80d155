import type { Scalar, Tensor2D } from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { tf } from '../engine';
import { mocoHeads } from '../models';
import { anchorLearner } from './learner';
import type { Method } from './method';
import * as option from './options';
import { cosines, logSumExp, pairCosines } from './similarity';

const options = z.strictObject({
  views: option.viewPairs.default('strong/strong'),
  teacherMomentum: option.teacherMomentum,
  memoryBank: option.memoryBank,
  temperature: option.temperature.default(0.2),
});

/**
 * MoCo v2 (Chen, Fan, Girshick and He, 2020). The projection z of one view has to tell the teacher's key k of
 * the other view from all the keys n_j in the bank:
 *
 *     L = mean of  - log( e^(cos(z, k)/t) / (e^(cos(z, k)/t) + sum_j e^(cos(z, n_j)/t)) ),   t the temperature
 *
 * As in the comparison, and other than in its paper, it is symmetric: direction 21 first, then direction 12,
 * whose keys enter the bank.
 */
export const mocoV2: Method<z.infer<typeof options>> = {
  name: 'moco-v2',
  title: 'MoCoV2',
  summary: "tells the teacher's key of the other view from earlier keys in a bank",
  source: 'Chen, Fan, Girshick and He, arXiv 2003.04297; github.com/pc-cp/Benchmark-Methods-For-MNN',
  heads: mocoHeads,
  options,
  create: (config, settings, heads) =>
    anchorLearner(config, settings, heads, (queries, keys, anchors) =>
      mocoLoss(queries, keys, anchors, settings.temperature),
    ),
};

/** The loss of one direction. @param queries [batch, dim]; @param keys [batch, dim]; @param negatives [size, dim]. */
export function mocoLoss(
  queries: Tensor2D,
  keys: Tensor2D,
  negatives: Tensor2D,
  temperature: number,
): Scalar {
  const positive = tf.div(pairCosines(queries, keys), temperature) as Tensor2D;
  const negative = tf.div(cosines(queries, negatives), temperature) as Tensor2D;
  return tf.sub(tf.mean(logSumExp(tf.concat([positive, negative], 1))), tf.mean(positive));
}
