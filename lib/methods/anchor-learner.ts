import type { Scalar, Tensor2D } from '@tensorflow/tfjs-core';
import type { RunConfig } from '../config/run-config';
import { mocoHeads } from '../models';
import { makeLearner } from './learner';
import { createBank } from './memory-bank';
import type { Learner } from './method';
import { Networks } from './networks';
import { mean } from './similarity';

/**
 * The learner of MoCo v2 and SCE, which differ in their loss alone: it compares the projections of one view and
 * the teacher's keys of the other with all keys of a bank. Direction 21 and direction 12 see the same bank; then
 * the keys of direction 12 enter it.
 * @param loss of one direction; queries and keys [batch, dim], raw, anchors [size, dim] of unit length.
 */
export function anchorLearner(
  config: RunConfig,
  settings: { teacherMomentum: number; memoryBank: number },
  loss: (queries: Tensor2D, keys: Tensor2D, anchors: Tensor2D) => Scalar,
): Learner {
  const networks = new Networks(config, mocoHeads, settings.teacherMomentum);
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
