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
  weighting: option.weighting.default('mnn'),
  mixing: option.mixing.default('norm3'),
  lambda: option.lambda,
});

/**
 * MNN: Mixed Nearest-Neighbors (Long, Peng and Li, Pattern Recognition 2025), section 3. The prediction p of one
 * view is pulled to the teacher's key z of the other view with weight 1, and to each of the key's K neighbors
 * q_r, mixed with the key, with weight 1/K:
 *
 *     L = mean of  d(p, z/|z|) + 1/K sum_r d(p, m_r),      d(p, t) = 2 - 2 <p/|p|, t>
 *     m_r = lambda q_r/|q_r| + (1 - lambda) z/|z|,         lambda uniform in [0, 1), one for each direction
 *
 * Both directions count half; the second, weak view's keys fill the bank. With `weighting` equal and without
 * `mixing` it is MSF.
 */
export const mnn: Method<z.infer<typeof options>> = {
  name: 'mnn',
  title: 'MNN',
  summary: 'pulls to the key with weight 1 and to its K neighbors, each mixed with the key, with weight 1/K',
  source: 'Long, Peng and Li, Pattern Recognition 158 (2025) 110998; github.com/pc-cp/MNN',
  heads: byolHeads,
  options,
  create: neighborLearner,
};
