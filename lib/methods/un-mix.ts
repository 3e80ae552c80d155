import type { Scalar, Tensor2D } from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { tf } from '../engine';
import { byolHeads } from '../models';
import { drawMixture, mixImages, reverseRows } from './image-mixing';
import { makeLearner } from './learner';
import type { Method } from './method';
import { keyDistance } from './neighbor-loss';
import { Networks } from './networks';
import * as option from './options';
import { mean } from './similarity';

const options = z.strictObject({
  views: option.viewPairs.default('strong/strong'),
  teacherMomentum: option.teacherMomentum,
});

/**
 * UnMix (Shen and others, AAAI 2022) on BYOL. The second view's images x2 are mixed with those of the reversed
 * batch (mixup or cutmix, a coin decides), with a share lambda, uniform in [0, 1), of their own:
 *
 *     L = L_BYOL(x1, x2) + lambda L_BYOL(x1, mixed) + (1 - lambda) L_BYOL(x1, reversed mixed)
 *
 * As in the comparison, each of the three moves the teacher before it, three times in a step. The reversed batch
 * has the same samples in each split, so that the student's predictions of it are those of the mixed one in
 * reverse: the student sees x1, x2 and mixed once, and running statistics move as if it had seen all six.
 */
export const unMix: Method<z.infer<typeof options>> = {
  name: 'un-mix',
  title: 'UnMix',
  summary: 'BYOL on the views and on mixtures of the second view with the reversed batch',
  source: 'Shen and others, AAAI 2022; github.com/pc-cp/Benchmark-Methods-For-MNN',
  heads: byolHeads,
  options,
  create(config, { teacherMomentum }, heads) {
    const networks = new Networks(config, heads, teacherMomentum);
    return makeLearner(networks, {}, ({ views: [first, second] }, draws) => {
      const mixture = drawMixture(draws, second.shape[1]);
      const mixed = mixImages(second, mixture);
      const keys = [second, mixed, reverseRows(mixed)].map((other) => {
        networks.moveTeacher();
        return networks.keys([other, first], draws);
      });
      const seen = [0, 1, 0, 2, 0, 2];
      const [p1, p2, pMixed] = networks.predict(networks.project([first, second, mixed], seen), seen);
      const byol = (p: Tensor2D, [otherKeys, firstKeys]: Tensor2D[]) =>
        mean([keyDistance(p1, otherKeys), keyDistance(p, firstKeys)]);
      // The distances of the reversed predictions to keys are those of the predictions to the reversed keys.
      const [keysReversed, firstKeys] = keys[2];
      const losses: [number, Scalar][] = [
        [1, byol(p2, keys[0])],
        [mixture.lambda, byol(pMixed, keys[1])],
        [1 - mixture.lambda, byol(pMixed, [keysReversed, reverseRows(firstKeys)])],
      ];
      return { loss: tf.addN(losses.map(([weight, loss]) => tf.mul(loss, weight))) as Scalar };
    });
  },
};
