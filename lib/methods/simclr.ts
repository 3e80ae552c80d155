import type { Scalar, Tensor2D } from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { tf } from '../engine';
import { simclrHeads } from '../models';
import { makeLearner } from './learner';
import type { Method } from './method';
import { Networks } from './networks';
import * as option from './options';
import { cosines, logSumExp, mean, pairCosines } from './similarity';

const options = z.strictObject({
  views: option.viewPairs.default('strong/strong'),
  temperature: option.temperature.default(0.2),
});

/**
 * SimCLR (Chen, Kornblith, Norouzi and Hinton, ICML 2020). Each projection z of one view has to tell which of
 * the other view's projections z' is of the same image:
 *
 *     L = - mean_i log softmax_j( cos(z_i, z'_j) / temperature ) at j = i
 *
 * Both directions count half. As in the comparison, and other than in its paper, the batch's other images are
 * negatives in the other view alone: a row has `batch` columns and not 2 `batch` - 1. The authors send both
 * views through the network once for each direction. The second time gives the same numbers and only moves the
 * running statistics again; here that is all that is done.
 */
export const simclr: Method<z.infer<typeof options>> = {
  name: 'simclr',
  title: 'SimCLR',
  summary: 'tells the other view of the same image from the other views of the batch',
  source: 'Chen, Kornblith, Norouzi and Hinton, ICML 2020; github.com/pc-cp/Benchmark-Methods-For-MNN',
  heads: simclrHeads,
  options,
  create(config, { temperature }, heads) {
    const networks = new Networks(config, heads);
    return makeLearner(networks, {}, ({ views }) => {
      const [first, second] = networks.project(views, [0, 1, 1, 0]);
      const losses = [simclrLoss(first, second, temperature), simclrLoss(second, first, temperature)];
      return { loss: mean(losses) };
    });
  },
};

/** The loss of one direction. @param queries [batch, dim]; @param keys [batch, dim], both raw. */
export function simclrLoss(queries: Tensor2D, keys: Tensor2D, temperature: number): Scalar {
  const logits = tf.div(cosines(queries, keys), temperature) as Tensor2D;
  const own = tf.div(pairCosines(queries, keys), temperature);
  return tf.sub(tf.mean(logSumExp(logits)), tf.mean(own));
}
