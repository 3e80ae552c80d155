import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Tensor } from '@tensorflow/tfjs-core';
import { currentEngine } from '../../lib/engine/engine';
import { tf } from '../../lib/engine/tf';

/*
 * Among the half a million ReLUs of a step, some get a value so near to 0 that rounding decides whether they let
 * the gradient through. That shows: one ReLU on the wrong side at the start changes the second loss by 2e-4, ten
 * times the tolerance. So the replay in double precision (end-to-end-double.test.ts) tells for every ReLU of the
 * student that gets a value nearer to 0 than `near` on which side it is, and in float32 those, and no others, are
 * put on that side before the gradient passes them.
 */

/** Rounding grows from 1e-6 in the first step to 3e-5 in the last. */
const near = 2e-4;

/** The ReLUs of a step that are near to 0: for every layer, in the order of the forward pass, flat indices. */
export interface NearZero {
  /** Just above 0 in double precision. */
  open: number[][];
  /** At 0 or just below. */
  closed: number[][];
}

const file = join(__dirname, 'held-relus.json');

/** The near-zero ReLUs of every step of every run, as the replay in double precision found them. */
export function heldRelus(): Record<string, NearZero[]> {
  return JSON.parse(readFileSync(file, 'utf8'));
}

export function writeHeldRelus(runs: Record<string, NearZero[]>): void {
  writeFileSync(file, `${JSON.stringify(runs)}\n`);
}

type Kernels = ReturnType<typeof currentEngine>['kernels'];

/** Runs work with some kernels replaced. */
async function withKernels<T>(replacement: Partial<Kernels>, work: () => Promise<T>): Promise<T> {
  const { kernels } = currentEngine();
  const originals = { ...kernels };
  Object.assign(kernels, replacement);
  try {
    return await work();
  } finally {
    Object.assign(kernels, originals);
  }
}

/** Runs a training step and tells which of the student's ReLUs are near to 0. */
export async function recordNearZero<T>(step: () => Promise<T>): Promise<{ result: T; nearZero: NearZero }> {
  const { batchNorm, batchNormGradient } = currentEngine().kernels;
  const values: Tensor[] = [];
  let differentiated = 0;
  const result = await withKernels(
    {
      batchNorm(x, affine, groups, options) {
        if (!options.relu) return batchNorm(x, affine, groups, options);
        const { y, statistics } = batchNorm(x, affine, groups, { ...options, relu: false });
        values.push(tf.keep(y));
        return { y: tf.relu(y), statistics };
      },
      batchNormGradient(dy, x, y, ...rest) {
        if (y) differentiated++;
        return batchNormGradient(dy, x, y, ...rest);
      },
    },
    step,
  );
  // The teacher, which has no gradient, goes first.
  const student = await Promise.all(values.slice(-differentiated).map((tensor) => tensor.data()));
  tf.dispose(values);
  const indices = (holds: (value: number) => boolean) =>
    student.map((layer) => [...layer.keys()].filter((i) => holds(layer[i])));
  const open = indices((value) => value > 0 && value < near);
  return { result, nearZero: { open, closed: indices((value) => value <= 0 && value > -near) } };
}

/** Runs a training step with the ReLUs that are near to 0 held on the side where they belong. */
export async function holdingRelus<T>(
  nearZero: NearZero,
  step: () => Promise<T>,
): Promise<{ result: T; nearZero: NearZero }> {
  const { open, closed } = nearZero;
  const { batchNormGradient } = currentEngine().kernels;
  let layer = open.length;
  const masks: Tensor[] = [];
  const result = await withKernels(
    {
      batchNormGradient(dy, x, y, ...rest) {
        if (!y) return batchNormGradient(dy, x, y, ...rest);
        // The way back meets the layers in the opposite order.
        layer--;
        const mask = held(y, open[layer], closed[layer]);
        masks.push(mask);
        return batchNormGradient(dy, x, mask, ...rest);
      },
    },
    step,
  );
  assert.equal(layer, 0, 'the network has as many ReLUs as the recorded one');
  tf.dispose(masks);
  return { result, nearZero };
}

/** y with another sign of its near-zero values; outside any scope, so that it lasts until it is disposed. */
function held(y: Tensor, open: number[], closed: number[]): Tensor {
  const add = (indices: number[], value: number) =>
    tf.scatterND(tf.tensor2d(indices, [indices.length, 1], 'int32'), tf.fill([indices.length], value), [
      y.size,
    ]);
  return tf.keep(
    tf.tidy(() => {
      let flat = tf.reshape(y, [-1]);
      if (open.length > 0) flat = tf.add(flat, add(open, near));
      // Below twice the distance nothing else is closed: a value that rounding carried that far is an error.
      if (closed.length > 0) flat = tf.sub(flat, add(closed, 2 * near));
      return tf.reshape(flat, y.shape);
    }),
  );
}
