import type { Scalar, Tensor2D } from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { tf } from '../engine';
import { mocoHeads } from '../models';
import { makeLearner } from './learner';
import { createBank } from './memory-bank';
import type { Method } from './method';
import { Networks } from './networks';
import * as option from './options';
import { cosines, crossEntropy } from './similarity';

const options = z.strictObject({
  views: option.viewPairs.default('strong/weak'),
  teacherMomentum: option.teacherMomentum,
  memoryBank: option.memoryBank,
  teacherTemperature: option.temperature.default(0.04),
  studentTemperature: option.temperature.default(0.1),
});

/**
 * ReSSL: Relational Self-Supervised Learning (Zheng and others, NeurIPS 2021). The projection z of the strong
 * view has to be as similar to each key q_j of the bank as the teacher's key k of the weak view is:
 *
 *     L = mean of  - sum_j P_j log Q_j,    P = softmax_j( cos(k, q_j) / .04 ),   Q = softmax_j( cos(z, q_j) / .1 )
 *
 * over the bank before this batch enters it. The one method of the comparison that is not symmetric.
 */
export const ressl: Method<z.infer<typeof options>> = {
  name: 'ressl',
  title: 'ReSSL',
  summary: "matches the teacher's similarities to the keys of a bank; in one direction",
  source: 'Zheng and others, NeurIPS 2021; github.com/pc-cp/Benchmark-Methods-For-MNN',
  heads: mocoHeads,
  options,
  create(config, settings, heads) {
    const networks = new Networks(config, heads, settings.teacherMomentum);
    const bank = createBank(config, settings);
    return makeLearner(networks, { bank }, ({ views: [first, second], labels }, draws) => {
      networks.moveTeacher();
      const [keys] = networks.keys([second], draws);
      const [queries] = networks.project([first]);
      const loss = resslLoss(queries, keys, bank.unitKeys(), settings);
      bank.enqueue(keys, labels);
      return { loss };
    });
  },
};

/** @param queries [batch, dim]; @param keys [batch, dim], both raw; @param anchors keys of the bank, [size, dim]. */
export function resslLoss(
  queries: Tensor2D,
  keys: Tensor2D,
  anchors: Tensor2D,
  temperatures: { teacherTemperature: number; studentTemperature: number },
): Scalar {
  const teacher = tf.softmax(tf.div(cosines(keys, anchors), temperatures.teacherTemperature));
  const student = tf.div(cosines(queries, anchors), temperatures.studentTemperature);
  return crossEntropy(teacher as Tensor2D, student as Tensor2D);
}
