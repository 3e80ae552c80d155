import type { RunConfig } from '../config/run-config';
import { byolHeads } from '../models';
import { makeLearner } from './learner';
import { createBank } from './memory-bank';
import type { Learner } from './method';
import { type NeighbourOptions, neighbourLoss } from './neighbour-loss';
import { Networks } from './networks';
import { mean } from './similarity';

export interface NeighbourLearnerOptions extends NeighbourOptions {
  teacherMomentum: number;
  memoryBank: number;
  topK: number;
}

/**
 * The learner of MNN and MSF, which differ in their options alone: student, teacher and bank, and the two
 * directions of a batch. Direction 21 (the second view's prediction, the first view's key) comes first and
 * leaves the bank alone; then direction 12, whose keys enter the bank after the search.
 */
export function neighbourLearner(config: RunConfig, options: NeighbourLearnerOptions): Learner {
  const networks = new Networks(config, byolHeads, options.teacherMomentum);
  const bank = createBank(config, options);
  return makeLearner(networks, { bank }, ({ views: [first, second], labels }, draws) => {
    networks.moveTeacher();
    // The teacher first: later its activations would come on top of those that the student's gradient keeps.
    const keys = networks.keys([first, second], draws);
    const predictions = networks.predict(networks.project([second, first]));
    const neighbours = keys.map((key) => bank.search(key, labels, options.topK));
    const losses = predictions.map((prediction, i) =>
      neighbourLoss(prediction, keys[i], neighbours[i].embeddings, options, draws),
    );
    bank.enqueue(keys[1], labels);
    return { loss: mean(losses), purity: mean(neighbours.map(({ purity }) => purity)) };
  });
}
