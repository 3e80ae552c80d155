import { z } from 'zod';
import { byolHeads } from '../models';
import { neighborLearner } from './learner';
import type { Method } from './method';
import * as option from './options';

const options = z.strictObject({
  views: option.viewPairs.default('strong/weak'),
  teacherMomentum: option.teacherMomentum,
  memoryBank: option.memoryBank,
  topK: option.topK,
  weighting: option.weighting.default('equal'),
  mixing: option.mixing.default('none'),
  lambda: option.lambda,
});

/**
 * MSF: Mean Shift (Koohpayegani, Tejankar and Pirsiavash, ICCV 2021). The prediction p of one view is pulled,
 * with equal weights, to the teacher's key z of the other view and to the key's K neighbors q_r:
 *
 *     L = mean of  1/(1 + K) (d(p, z) + sum_r d(p, q_r)),     d(p, t) = 2 - 2 <p/|p|, t/|t|>
 *
 * As in the comparison, and other than in its paper, it is symmetric. With `weighting` mnn and `mixing` norm3
 * it is MNN.
 */
export const msf: Method<z.infer<typeof options>> = {
  name: 'msf',
  title: 'MSF',
  summary: 'pulls to the key and its K neighbors with equal weights',
  source: 'Koohpayegani, Tejankar and Pirsiavash, ICCV 2021; github.com/pc-cp/Benchmark-Methods-For-MNN',
  heads: byolHeads,
  options,
  create: neighborLearner,
};
