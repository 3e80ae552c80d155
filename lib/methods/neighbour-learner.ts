import type { Scalar, Tensor2D, Tensor3D } from '@tensorflow/tfjs-core';
import { tf } from '../engine';
import { UserError } from '../errors';
import { prefixed } from '../models';
import { randomStream } from '../random';
import type { RunConfig } from '../training/config';
import { MemoryBank } from './memory-bank';
import type { Learner, StepDraws } from './method';
import { MomentumNetworks } from './momentum-networks';

export interface NeighbourSettings {
  teacherMomentum: number;
  memoryBank: number;
  topK: number;
}

/** The loss of one direction from predictions, keys [batch, dim] and raw neighbours [batch, topK, dim]. */
export type DirectionLoss = (
  predictions: Tensor2D,
  keys: Tensor2D,
  neighbours: Tensor3D,
  draws: StepDraws,
) => Scalar;

/**
 * What MSF and MNN share: student, teacher and bank, and the two directions of a batch. Direction 21 (the
 * second view's prediction, the first view's key) comes first and leaves the bank alone; then direction 12,
 * whose keys enter the bank after the search.
 */
export function neighbourLearner(
  config: RunConfig,
  { teacherMomentum, memoryBank, topK }: NeighbourSettings,
  directionLoss: DirectionLoss,
): Learner {
  checkBank(memoryBank, topK, config.training.batchSize);
  const networks = new MomentumNetworks(config, teacherMomentum);
  const bank = new MemoryBank(randomStream(config.seed, 'memory-bank'), memoryBank, config.model.dim);
  return {
    backbone: networks.backbone,
    parameters: () => networks.parameters(),
    state: () => new Map([...networks.state(), ...prefixed([['bank', bank.variables()]])]),
    counters: () => ({ bank }),
    step({ views: [first, second], labels }, draws) {
      networks.moveTeacher();
      // The teacher first: later its activations would come on top of those that the student's gradient keeps.
      const keys = networks.keys(draws, first, second);
      const predictions = networks.predict(second, first);
      const directions = predictions.map((prediction, i) => {
        const { embeddings, purity } = bank.search(keys[i], labels, topK);
        return { loss: directionLoss(prediction, keys[i], embeddings, draws), purity };
      });
      bank.enqueue(keys[1], labels);
      const mean = (values: Scalar[]) => tf.div(tf.addN(values), values.length) as Scalar;
      return {
        loss: mean(directions.map(({ loss }) => loss)),
        purity: mean(directions.map(({ purity }) => purity)),
      };
    },
  };
}

function checkBank(memoryBank: number, topK: number, batchSize: number): void {
  if (memoryBank < batchSize) {
    throw new UserError(
      `The memory bank of ${memoryBank} keys is smaller than the batch of ${batchSize}: ` +
        'give a larger memoryBank or a smaller batch size.',
    );
  }
  if (topK > memoryBank) {
    throw new UserError(
      `topK ${topK} is more than the ${memoryBank} keys of the memory bank: give a smaller topK.`,
    );
  }
}
