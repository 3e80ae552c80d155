import type { Scalar, Tensor2D } from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { tf } from '../engine';
import { mocoHeads } from '../models';
import { anchorLearner } from './learner';
import type { Method } from './method';
import * as option from './options';
import { cosines, crossEntropy, pairCosines } from './similarity';

const options = z.strictObject({
  views: option.viewPairs.default('strong/weak'),
  teacherMomentum: option.teacherMomentum,
  memoryBank: option.memoryBank,
  teacherTemperature: option.temperature.default(0.05),
  studentTemperature: option.temperature.default(0.1),
  coefficient: z.number().min(0).max(1).default(0.5).describe('weight of the positive pair in the target'),
});

/**
 * SCE: Similarity Contrastive Estimation (Denize and others, WACV 2023), between MoCo and ReSSL. With slot 0 for
 * the pair of an image's own views (z of the student, k of the teacher) and slots 1.. for the bank's keys q_j:
 *
 *     L = mean of  - sum_j w_j log softmax_j( [cos(z, k), cos(z, q_j)] / .1 )
 *     w = c onehot(0) + (1 - c) softmax_j( [0, cos(k, q_j)] / .05 ),   c the coefficient
 *
 * Symmetric: direction 21 first, then direction 12, whose keys enter the bank. As in the comparison, the
 * teacher's slot 0 has the similarity 0 and is not left out, and the embeddings are twice as long (256) as the
 * other methods'.
 */
export const sce: Method<z.infer<typeof options>> = {
  name: 'sce',
  title: 'SCE',
  summary: "matches a blend of the positive pair and the teacher's similarities to the keys of a bank",
  source: 'Denize and others, WACV 2023; github.com/pc-cp/Benchmark-Methods-For-MNN',
  heads: mocoHeads,
  options,
  create: (config, settings, heads) =>
    anchorLearner(config, settings, heads, (queries, keys, anchors) =>
      sceLoss(queries, keys, anchors, settings),
    ),
};

/**
 * The loss of one direction.
 * @param queries [batch, dim]; @param keys [batch, dim], both raw; @param anchors keys of the bank, [size, dim].
 */
export function sceLoss(
  queries: Tensor2D,
  keys: Tensor2D,
  anchors: Tensor2D,
  settings: { teacherTemperature: number; studentTemperature: number; coefficient: number },
): Scalar {
  const { teacherTemperature, studentTemperature, coefficient } = settings;
  const positive = tf.oneHot(tf.zeros([keys.shape[0]], 'int32'), 1 + anchors.shape[0]);
  const similar = tf.concat([tf.zeros([keys.shape[0], 1]), cosines(keys, anchors)], 1);
  const teacher = tf.softmax(tf.div(similar, teacherTemperature));
  const weights = tf.add(tf.mul(positive, coefficient), tf.mul(teacher, 1 - coefficient));
  const student = tf.concat([pairCosines(queries, keys), cosines(queries, anchors)], 1);
  return crossEntropy(weights as Tensor2D, tf.div(student, studentTemperature));
}
