import type { Scalar, Tensor2D, Tensor3D } from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { normalize, stopGradient, tf } from '../engine';
import { nnclrHeads } from '../models';
import { makeLearner } from './learner';
import { createBank } from './memory-bank';
import type { Method } from './method';
import { neighborTargets } from './neighbor-loss';
import { Networks } from './networks';
import * as option from './options';
import { logSumExp, mean, ownProjections, projections } from './similarity';

const options = z.strictObject({
  views: option.viewPairs.default('strong/strong'),
  memoryBank: option.memoryBank,
  topK: option.topK,
  temperature: option.temperature.default(0.2),
  // Spelled as in existing records: a run's identity depends on it.
  weighting: z
    .enum(['neighbours', 'mnn'])
    .default('neighbours')
    .describe("targets: neighbors alone as NNCLR's; or with mnn the key too, with weight 1, and 1/topK each"),
  mixing: option.mixing.default('none'),
  lambda: option.lambda,
});

/**
 * NNCLR: Nearest-Neighbor Contrastive Learning (Dwibedi and others, ICCV 2021). The K nearest neighbors n_ir, in
 * the bank, of one view's projection have to find the prediction p_i of the other view, and it has to find them:
 *
 *     L = - 1/2 mean_i ( 1/K sum_r log softmax_j( <n_ir, p_j>/t ) at j = i
 *                      +     sum_r log softmax_js( <n_js, p_i>/t ) at js = ir ),     t the temperature
 *
 * of unit vectors. With `weighting` mnn the key is a target of its own, by the same loss with K = 1, beside the
 * neighbors, whose second sum is then a mean. As in the comparison, the second sum is not divided by K. There is no teacher: the keys are the
 * student's own projections, without gradient; direction 21 first, then direction 12, whose keys enter the bank.
 * The authors send both views through the network once for each direction; the second time only moves the
 * running statistics again, and here that is all that is done.
 */
export const nnclr: Method<z.infer<typeof options>> = {
  name: 'nnclr',
  title: 'NNCLR',
  summary: 'tells the neighbors of its key in a bank from those of the other keys of the batch; no teacher',
  source: 'Dwibedi and others, ICCV 2021; github.com/pc-cp/Benchmark-Methods-For-MNN',
  heads: nnclrHeads,
  options,
  create(config, settings, heads) {
    const networks = new Networks(config, heads);
    const bank = createBank(config, settings);
    return makeLearner(networks, { bank }, ({ views, labels }, draws) => {
      const [first, second] = networks.project(views, [1, 0, 0, 1]);
      const predictions = networks.predict([second, first]);
      const keys = [first, second].map(stopGradient);
      const neighbors = keys.map((key) => bank.search(key, labels, settings.topK));
      bank.enqueue(keys[1], labels);
      const losses = predictions.map((prediction, i) => {
        const targets = neighborTargets(keys[i], neighbors[i].embeddings, settings, draws);
        if (settings.weighting === 'neighbours') return nnclrLoss(prediction, targets, settings.temperature);
        const key = tf.expandDims(normalize(keys[i]), 1) as Tensor3D;
        return tf.add(
          nnclrLoss(prediction, key, settings.temperature),
          nnclrLoss(prediction, targets, settings.temperature, 1 / settings.topK),
        ) as Scalar;
      });
      return { loss: mean(losses), purity: mean(neighbors.map(({ purity }) => purity)) };
    });
  },
};

/**
 * The loss of one direction.
 * @param predictions [batch, dim], raw; @param targets [batch, topK, dim], as they are to be used.
 * @param weight of each target in what the prediction has to find.
 */
export function nnclrLoss(predictions: Tensor2D, targets: Tensor3D, temperature: number, weight = 1): Scalar {
  const [batch, topK, dim] = targets.shape;
  const logits = tf.div(projections(predictions, tf.reshape(targets, [batch * topK, dim])), temperature);
  const own = tf.mean(tf.div(ownProjections(predictions, targets), temperature));
  const findPrediction = tf.sub(own, tf.mean(logSumExp(tf.transpose(logits) as Tensor2D)));
  const findTargets = tf.mul(tf.sub(own, tf.mean(logSumExp(logits as Tensor2D))), topK * weight);
  return tf.mul(tf.add(findPrediction, findTargets), -0.5);
}
