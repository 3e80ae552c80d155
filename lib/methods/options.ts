import { z } from 'zod';
import type { ViewKind } from './method';
import { mixings } from './neighbor-loss';

// Options that several methods have. Defaults are the comparison's on CIFAR.

export const teacherMomentum = z
  .number()
  .min(0)
  .max(1)
  .default(0.99)
  .describe('weight of the old teacher in its moving average');

export const memoryBank = z.int().positive().default(4096).describe('keys in the memory bank');

export const topK = z.int().positive().default(5).describe('neighbors of each key');

export const temperature = z.number().positive().describe('what similarities are divided by');

/** The teacher's keys that enter a bank are the second view's. */
export const viewPairs = z
  .enum(['strong/weak', 'strong/strong', 'weak/weak', 'weak/strong'])
  .describe('augmentations of the first and the second view');

/** `strong/weak` as a list. */
export function viewKinds(views: string): ViewKind[] {
  return views.split('/') as ViewKind[];
}

export const mixing = z
  .enum(['none', ...mixings])
  .describe('how neighbors are mixed with their key; MNN has norm3');

export const lambda = z
  .union([z.literal('random'), z.number().min(0).max(1)], "expected 'random' or a number from 0 to 1")
  .default('random')
  .describe(
    'weight of the neighbor in a mixture; random: a new one in every direction of every step; without effect where mixing is none',
  );

export const weighting = z
  .enum(['mnn', 'equal'])
  .describe('mnn: 1 for the key and 1/topK for each neighbor; equal: 1/(1 + topK) for each of them');
