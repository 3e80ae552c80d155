import type { Scalar, Tensor2D, Tensor3D } from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { normalize, stopGradient, tf } from '../engine';
import { snclrHeads } from '../models';
import { makeLearner } from './learner';
import { createBank } from './memory-bank';
import type { Method } from './method';
import { neighborTargets } from './neighbor-loss';
import { Networks } from './networks';
import * as option from './options';
import { logSumExp, mean, ownProjections, pairCosines, projections } from './similarity';

const options = z.strictObject({
  views: option.viewPairs.default('strong/strong'),
  teacherMomentum: option.teacherMomentum,
  memoryBank: option.memoryBank,
  topK: option.topK,
  temperature: option.temperature.default(0.2),
  threshold: z
    .boolean()
    .default(false)
    .describe(
      'neighbors that weigh no more than 1/topK count nothing; without effect where weighting is mnn',
    ),
  weighting: z
    .enum(['soft', 'mnn'])
    .default('soft')
    .describe("neighbors weigh as much as they are like the query, as SNCLR's; or with mnn 1/topK each"),
  mixing: option.mixing.default('none'),
  lambda: option.lambda,
});

/**
 * SNCLR: Soft Neighbors are Positive Supporters (Ge and others, ICLR 2023). The prediction p_i of one view has to
 * find the teacher's key k_i of the other view and, softly, the key's K neighbors n_ir in the bank, among the
 * keys and neighbors c of the whole batch:
 *
 *     L = - mean_i ( log s_i(k_i) + sum_r w_ir log s_i(n_ir) ),   s_i(c) = softmax_c( cos(p_i, c)/t )
 *     w_ir = softmax_r( cos(z_i, n_ir) ),   z_i the student's projection, t the temperature
 *
 * Mixed neighbors, where `mixing` asks for them, stand for the neighbors in all of it, the weights too. As in
 * the comparison, the gradient goes through the weights w too, and they add up to 1 beside the key's 1.
 * Direction 21 first, then direction 12, whose keys enter the bank.
 */
export const snclr: Method<z.infer<typeof options>> = {
  name: 'snclr',
  title: 'SNCLR',
  summary: "finds the teacher's key and, each as much as it is alike, the key's K neighbors",
  source: 'Ge and others, ICLR 2023; github.com/pc-cp/Benchmark-Methods-For-MNN',
  heads: snclrHeads,
  options,
  create(config, settings, heads) {
    const networks = new Networks(config, heads, settings.teacherMomentum);
    const bank = createBank(config, settings);
    return makeLearner(networks, { bank }, ({ views: [first, second], labels }, draws) => {
      networks.moveTeacher();
      const keys = networks.keys([first, second], draws);
      const queries = networks.project([second, first]);
      const predictions = networks.predict(queries);
      const neighbors = keys.map((key) => bank.search(key, labels, settings.topK));
      bank.enqueue(keys[1], labels);
      const losses = predictions.map((prediction, i) => {
        const targets = neighborTargets(keys[i], neighbors[i].embeddings, settings, draws);
        return snclrLoss(prediction, queries[i], keys[i], targets, settings);
      });
      return { loss: mean(losses), purity: mean(neighbors.map(({ purity }) => purity)) };
    });
  },
};

/**
 * The loss of one direction.
 * @param predictions, queries, keys [batch, dim], raw; @param targets [batch, topK, dim], as they are to be used.
 */
export function snclrLoss(
  predictions: Tensor2D,
  queries: Tensor2D,
  keys: Tensor2D,
  targets: Tensor3D,
  settings: { temperature: number; threshold: boolean; weighting: 'soft' | 'mnn' },
): Scalar {
  const [batch, topK, dim] = targets.shape;
  const { temperature } = settings;
  const columns = tf.concat([normalize(keys), tf.reshape(targets, [batch * topK, dim])], 0) as Tensor2D;
  const all = logSumExp(tf.div(projections(predictions, columns), temperature) as Tensor2D);
  const logKey = tf.sub(tf.squeeze(tf.div(pairCosines(predictions, keys), temperature), [1]), all);
  const logNeighbors = tf.sub(
    tf.div(ownProjections(predictions, targets), temperature),
    tf.expandDims(all, 1),
  );
  const weighted = tf.mul(neighborWeights(queries, targets, settings), logNeighbors);
  return tf.neg(tf.mean(tf.add(logKey, tf.sum(weighted, 1)))) as Scalar;
}

/** [batch, topK], or [1, 1] where all are the same. */
function neighborWeights(
  queries: Tensor2D,
  targets: Tensor3D,
  { threshold, weighting }: { threshold: boolean; weighting: 'soft' | 'mnn' },
): Tensor2D {
  const topK = targets.shape[1];
  if (weighting === 'mnn') return tf.fill([1, 1], 1 / topK);
  const soft = tf.softmax(ownProjections(queries, targets));
  return threshold ? tf.mul(soft, tf.cast(tf.greater(stopGradient(soft), 1 / topK), 'float32')) : soft;
}
