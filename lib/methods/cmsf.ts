import { z } from 'zod';
import { byolHeads } from '../models';
import { makeLearner } from './learner';
import { createBank } from './memory-bank';
import type { Method } from './method';
import { neighborLoss } from './neighbor-loss';
import { Networks } from './networks';
import * as option from './options';
import { mean } from './similarity';

const options = z.strictObject({
  views: z
    .enum(['strong/weak/weak', 'strong/strong/strong', 'strong/strong/weak', 'weak/weak/weak'])
    .default('strong/weak/weak')
    .describe('augmentations of the two views and of the one that chooses the second set of neighbors'),
  teacherMomentum: option.teacherMomentum,
  memoryBank: option.memoryBank,
  topK: option.topK,
  weighting: option.weighting.default('equal'),
  mixing: option.mixing.default('none'),
  lambda: option.lambda,
});

/**
 * CMSF: Constrained Mean Shift (Navaneet and others, ECCV 2022), self-supervised. MSF with two sets of neighbors
 * of the teacher's key z: A, the K nearest of z in the bank; and B, the bank's keys in the slots in which the
 * auxiliary bank, which holds another view's keys of the same images, has the K nearest of that view's key v:
 *
 *     L = 1/2 (L_MSF(p, z, A) + L_MSF(p, z, B)),     L_MSF(p, z, N) = 1/(1 + K) (d(p, z) + sum_r d(p, n_r))
 *
 * Direction 21 (query view 2, key view 1) first, then 12, whose keys enter both banks; view 3 is v in both. With
 * random lambda each set has its own.
 */
export const cmsf: Method<z.infer<typeof options>> = {
  name: 'cmsf',
  title: 'CMSF',
  summary: 'MSF with a second set of neighbors, those that another view of the image chooses',
  source: 'Navaneet and others, ECCV 2022; github.com/pc-cp/Benchmark-Methods-For-MNN',
  heads: byolHeads,
  options,
  create(config, settings, heads) {
    const networks = new Networks(config, heads, settings.teacherMomentum);
    const bank = createBank(config, settings);
    const auxiliaryBank = createBank(config, settings, 1);
    return makeLearner(networks, { bank, auxiliaryBank }, ({ views, labels }, draws) => {
      const [first, second, third] = views;
      networks.moveTeacher();
      const [key21, other21, key12, other12] = networks.keys([first, third, second, third], draws);
      const [prediction21, prediction12] = networks.predict(networks.project([second, first]));
      const directions = [
        { prediction: prediction21, key: key21, other: other21 },
        { prediction: prediction12, key: key12, other: other12 },
      ].map(({ prediction, key, other }) => {
        const nearest = bank.search(key, labels, settings.topK);
        const chosen = bank.take(auxiliaryBank.nearest(other, settings.topK));
        const losses = [nearest.embeddings, chosen].map((neighbors) =>
          neighborLoss(prediction, key, neighbors, settings, draws),
        );
        return { loss: mean(losses), purity: nearest.purity };
      });
      bank.enqueue(key12, labels);
      auxiliaryBank.enqueue(other12, labels);
      return {
        loss: mean(directions.map(({ loss }) => loss)),
        purity: mean(directions.map(({ purity }) => purity)),
      };
    });
  },
};
