import { UserError } from '../core/errors';
import { permutation, randomStream } from '../core/random';

export interface BatchOptions {
  /** What the batches are for; pretraining and linear evaluation never share an order. */
  purpose?: 'order' | 'linear-order';
  /** Keep the last batch where it is smaller: the paper drops it in pretraining, keeps it in linear evaluation. */
  keepLast?: boolean;
}

/**
 * The images 0..count-1 of one epoch in batches of `batchSize`, in an order that depends on the purpose,
 * seed and epoch alone, so that a resumed run sees what the unbroken run would have seen.
 * @throws UserError where there is not even one batch.
 */
export function batchIndices(
  count: number,
  batchSize: number,
  seed: number,
  epoch: number,
  { purpose = 'order', keepLast = false }: BatchOptions = {},
): Int32Array[] {
  if (!Number.isInteger(batchSize) || batchSize < 1) {
    throw new UserError(
      `The batch size must be a whole number from 1 on, not ${batchSize}. Change --batch-size.`,
    );
  }
  if (count < (keepLast ? 1 : batchSize)) {
    throw new UserError(
      `${count} training images do not fill one batch of ${batchSize}. Use more images or a smaller --batch-size.`,
    );
  }
  const order = permutation(randomStream(seed, purpose, epoch), count);
  const batches = keepLast ? Math.ceil(count / batchSize) : Math.floor(count / batchSize);
  return Array.from({ length: batches }, (_, i) => order.subarray(i * batchSize, (i + 1) * batchSize));
}
