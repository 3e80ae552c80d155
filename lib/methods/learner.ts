import type { Scalar, Tensor2D } from '@tensorflow/tfjs-core';
import type { RunConfig } from '../config/run-config';
import type { NamedVariables } from '../models';
import { type Heads, prefixed } from '../models';
import type { MemoryBank } from './memory-bank';
import { createBank } from './memory-bank';
import type { Learner } from './method';
import { type NeighborOptions, neighborLoss } from './neighbor-loss';
import { Networks } from './networks';
import { mean } from './similarity';

/** A learner of these networks and banks; what they hold is what a resumed run finds again. */
export function makeLearner(
  networks: Networks,
  banks: Record<string, MemoryBank>,
  step: Learner['step'],
): Learner {
  const bankState = Object.entries(banks).map(([name, bank]): [string, NamedVariables] => [
    name,
    bank.variables(),
  ]);
  return {
    backbone: networks.backbone,
    parameters: () => networks.parameters(),
    state: () => new Map([...networks.state(), ...prefixed(bankState)]),
    counters: () => ({ ...banks }),
    step,
  };
}

/**
 * The learner of MoCo v2 and SCE, which differ in their loss alone: it compares the projections of one view and
 * the teacher's keys of the other with all keys of a bank. Direction 21 and direction 12 see the same bank; then
 * the keys of direction 12 enter it.
 * @param loss of one direction; queries and keys [batch, dim], raw, anchors [size, dim] of unit length.
 */
export function anchorLearner(
  config: RunConfig,
  settings: { teacherMomentum: number; memoryBank: number },
  heads: Heads,
  loss: (queries: Tensor2D, keys: Tensor2D, anchors: Tensor2D) => Scalar,
): Learner {
  const networks = new Networks(config, heads, settings.teacherMomentum);
  const bank = createBank(config, settings);
  return makeLearner(networks, { bank }, ({ views: [first, second], labels }, draws) => {
    networks.moveTeacher();
    const keys = networks.keys([first, second], draws);
    const queries = networks.project([second, first]);
    const anchors = bank.unitKeys();
    bank.enqueue(keys[1], labels);
    return { loss: mean(queries.map((query, i) => loss(query, keys[i], anchors))) };
  });
}

export interface NeighborLearnerOptions extends NeighborOptions {
  teacherMomentum: number;
  memoryBank: number;
  topK: number;
}

/**
 * The learner of MNN and MSF, which differ in their options alone: student, teacher and bank, and the two
 * directions of a batch. Direction 21 (the second view's prediction, the first view's key) comes first and
 * leaves the bank alone; then direction 12, whose keys enter the bank after the search.
 */
export function neighborLearner(config: RunConfig, options: NeighborLearnerOptions, heads: Heads): Learner {
  const networks = new Networks(config, heads, options.teacherMomentum);
  const bank = createBank(config, options);
  return makeLearner(networks, { bank }, ({ views: [first, second], labels }, draws) => {
    networks.moveTeacher();
    // The teacher first: later its activations would come on top of those that the student's gradient keeps.
    const keys = networks.keys([first, second], draws);
    const predictions = networks.predict(networks.project([second, first]));
    const neighbors = keys.map((key) => bank.search(key, labels, options.topK));
    const losses = predictions.map((prediction, i) =>
      neighborLoss(prediction, keys[i], neighbors[i].embeddings, options, draws),
    );
    bank.enqueue(keys[1], labels);
    return { loss: mean(losses), purity: mean(neighbors.map(({ purity }) => purity)) };
  });
}
