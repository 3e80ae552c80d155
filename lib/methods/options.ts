import { z } from 'zod';
import type { ViewKind } from './method';
import { mixings } from './neighbour-mixing';

// Options that several methods have. Defaults are the comparison's on CIFAR.

/** Weight of the old teacher in the moving average; .99 for CIFAR, .996 for STL-10 and Tiny ImageNet. */
export const teacherMomentum = z.number().min(0).max(1).default(0.99);

/** Keys in the memory bank; 4096 for CIFAR, 16384 for STL-10 and Tiny ImageNet. */
export const memoryBank = z.int().positive().default(4096);

/** Neighbours of each key. */
export const topK = z.int().positive().default(5);

/** What similarities are divided by. */
export const temperature = z.number().positive();

/** The augmentations of the first and the second view; the teacher's keys that enter a bank are the second's. */
export const viewPairs = z.enum(['strong/weak', 'strong/strong', 'weak/weak', 'weak/strong']);

/** `strong/weak` as a list. */
export function viewKinds(views: string): ViewKind[] {
  return views.split('/') as ViewKind[];
}

/** How neighbours are mixed with their key (MNN's), or `none`: they stay as they are. */
export const mixing = z.enum(['none', ...mixings]);

/** Weight of the neighbour in a mixture, or `random` for a new one in every direction of every step. */
export const lambda = z.union([z.literal('random'), z.number().min(0).max(1)]).default('random');
