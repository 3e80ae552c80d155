import type { Scalar, Tensor1D, Tensor2D, Tensor3D, Variable } from '@tensorflow/tfjs-core';
import type { RunConfig } from '../config/run-config';
import { UserError } from '../core/errors';
import { type Random, randomStream } from '../core/random';
import { currentEngine, normalize, tf } from '../engine';
import type { NamedVariables } from '../models';

/** Neighbors of a batch of keys. */
export interface Neighbors {
  /** The neighbors' raw embeddings, nearest first, [batch, topK, dim]. */
  embeddings: Tensor3D;
  /** Share of neighbors that carry their query's label, a scalar between 0 and 1. */
  purity: Scalar;
}

/**
 * The queue of earlier keys in which neighbors are searched (the paper's support set). It starts with
 * random unit vectors without labels, and holds keys as they came, not normalized.
 */
export class MemoryBank {
  private readonly keys: Variable;
  private readonly labels: Variable;
  /** Slot that the next batch starts at; part of the state of a run. */
  pointer = 0;

  /** @param size keys it holds; @param dim their length. */
  constructor(
    random: Random,
    readonly size: number,
    dim: number,
  ) {
    const values = Float32Array.from({ length: size * dim }, () => random.normal());
    this.keys = tf.tidy(() => tf.variable(normalize(tf.tensor2d(values, [size, dim])), false));
    this.labels = tf.tidy(() => tf.variable(tf.fill([size], -1, 'int32'), false));
  }

  variables(): NamedVariables {
    return new Map([
      ['keys', this.keys],
      ['labels', this.labels],
    ]);
  }

  /** The keys scaled to unit length, [size, dim]: a copy, which later batches do not change. */
  unitKeys(): Tensor2D {
    return tf.tidy(() => normalize(this.keys as unknown as Tensor2D));
  }

  /**
   * The topK slots most similar by cosine to each key, over all slots, also those not filled yet.
   * @param keys [batch, dim], without history; @returns [batch, topK], nearest first.
   */
  nearest(keys: Tensor2D, topK: number): Tensor2D {
    return tf.tidy(() => {
      const similarity = currentEngine().kernels.matMul(normalize(keys), this.unitKeys(), false, true);
      return tf.topk(similarity, topK).indices as Tensor2D;
    });
  }

  /** The raw keys in the slots named: [batch, topK] -> [batch, topK, dim]. */
  take(slots: Tensor2D): Tensor3D {
    return tf.tidy(() => {
      const rows = tf.gather(this.keys as unknown as Tensor2D, tf.reshape(slots, [-1]) as Tensor1D);
      return tf.reshape(rows, [...slots.shape, rows.shape[1]]);
    });
  }

  /**
   * The topK nearest keys of each key, and how many carry its label.
   * @param keys [batch, dim], without history; @param labels [batch], used for the purity alone.
   */
  search(keys: Tensor2D, labels: Tensor1D, topK: number): Neighbors {
    return tf.tidy(() => {
      const slots = this.nearest(keys, topK);
      const found = tf.reshape(tf.gather(this.labels, tf.reshape(slots, [-1]) as Tensor1D), slots.shape);
      const matches = tf.equal(found, tf.expandDims(labels, 1));
      return { embeddings: this.take(slots), purity: tf.mean(tf.cast(matches, 'float32')) as Scalar };
    });
  }

  /**
   * Writes a batch over the oldest keys. A batch that reaches the end of the bank fills it, drops what does
   * not fit and starts over at slot 0, as in the authors' code.
   */
  enqueue(keys: Tensor2D, labels: Tensor1D): void {
    const count = Math.min(keys.shape[0], this.size - this.pointer);
    tf.tidy(() => {
      this.keys.assign(replaceRows(this.keys as unknown as Tensor2D, this.pointer, keys, count));
      this.labels.assign(replaceRows(this.labels as unknown as Tensor1D, this.pointer, labels, count));
    });
    const next = this.pointer + keys.shape[0];
    this.pointer = next >= this.size ? 0 : next;
  }
}

/**
 * The memory bank of a run.
 * @param index tells several banks of one run apart.
 * @throws UserError for a bank that is smaller than a batch or than topK.
 */
export function createBank(
  { seed, model, training }: RunConfig,
  { memoryBank, topK = 0 }: { memoryBank: number; topK?: number },
  ...index: number[]
): MemoryBank {
  if (memoryBank < training.batchSize) {
    throw new UserError(
      `The memory bank of ${memoryBank} keys is smaller than the batch of ${training.batchSize}: ` +
        'give a larger memoryBank or a smaller batch size.',
    );
  }
  if (topK > memoryBank) {
    throw new UserError(
      `topK ${topK} is more than the ${memoryBank} keys of the memory bank: give a smaller topK.`,
    );
  }
  return new MemoryBank(randomStream(seed, 'memory-bank', ...index), memoryBank, model.dim);
}

/** `rows` with `count` of them, from `start` on, taken from `fresh`. */
function replaceRows<T extends Tensor1D | Tensor2D>(rows: T, start: number, fresh: T, count: number): T {
  const part = (tensor: T, from: number, length: number) =>
    tf.slice(tensor, [from, 0].slice(0, tensor.rank), [length, -1].slice(0, tensor.rank)) as T;
  const after = start + count;
  const parts = [part(rows, 0, start), part(fresh, 0, count), part(rows, after, rows.shape[0] - after)];
  return tf.concat(parts.filter((tensor) => tensor.shape[0] > 0) as Tensor2D[], 0) as unknown as T;
}
