import { z } from 'zod';
import { byolHeads } from '../models';
import { makeLearner, neighborLearner } from './learner';
import type { Method } from './method';
import { keyDistance } from './neighbor-loss';
import { Networks } from './networks';
import * as option from './options';
import { mean } from './similarity';

const options = z
  .strictObject({
    views: option.viewPairs.default('strong/strong'),
    teacherMomentum: option.teacherMomentum,
    topK: z.int().nonnegative().default(0).describe('neighbors of each key; with 0 there is no memory bank'),
    memoryBank: option.memoryBank.describe('keys in the memory bank; without effect where topK is 0'),
    weighting: option.weighting.default('equal'),
    mixing: option.mixing.default('none'),
    lambda: option.lambda,
  })
  .refine(({ topK, weighting, mixing }) => topK > 0 || (weighting === 'equal' && mixing === 'none'), {
    message: 'without neighbors there is nothing to weight or to mix: give a topK, such as 5',
  });

/**
 * BYOL: Bootstrap Your Own Latent (Grill and others, NeurIPS 2020). The prediction p of one view is pulled to the
 * teacher's key z of the other view:
 *
 *     L = mean of  d(p, z),     d(p, t) = 2 - 2 <p/|p|, t/|t|>
 *
 * Both directions count half. As in the comparison, and other than in its paper, the teacher's momentum stays
 * the same throughout, and the teacher's batches are shuffled. MNN's components need neighbors: with a topK it
 * gets MNN's memory bank.
 */
export const byol: Method<z.infer<typeof options>> = {
  name: 'byol',
  title: 'BYOL',
  summary: "pulls to the teacher's key of the other view",
  source: 'Grill and others, NeurIPS 2020; github.com/pc-cp/Benchmark-Methods-For-MNN',
  heads: byolHeads,
  options,
  create(config, settings, heads) {
    if (settings.topK > 0) return neighborLearner(config, settings, heads);
    const networks = new Networks(config, heads, settings.teacherMomentum);
    return makeLearner(networks, {}, ({ views: [first, second] }, draws) => {
      networks.moveTeacher();
      const keys = networks.keys([second, first], draws);
      const predictions = networks.predict(networks.project([first, second]));
      return { loss: mean(predictions.map((prediction, i) => keyDistance(prediction, keys[i]))) };
    });
  },
};
