import { z } from 'zod';
import { UserError } from '../core/errors';
import { randomStream } from '../core/random';
import { ResNet18 } from '../models';
import type { Learner, Method } from './method';

/** The network as it was initialized: what training has to beat. It takes 0 epochs. */
export const untrained: Method<Record<string, never>> = {
  name: 'untrained',
  title: 'Untrained',
  source: 'the initial weights that the other methods start from with the same seed',
  summary: 'the network before training: what training has to beat',
  views: () => ['weak'],
  options: z.strictObject({}) as z.ZodType<Record<string, never>>,
  create({ seed, model, training }): Learner {
    if (training.epochs !== 0) {
      throw new UserError(`Method 'untrained' cannot train for ${training.epochs} epochs: give --epochs 0.`);
    }
    const backbone = new ResNet18(randomStream(seed, 'init'), { ...model, trainable: true });
    return {
      backbone,
      parameters: () => backbone.parameters(),
      state: () => backbone.buffers(),
      counters: () => ({}),
      step: () => {
        throw new Error('The untrained network takes no steps.');
      },
    };
  },
};
