import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import { currentEngine, tf } from '../engine';
import type { StepDraws } from './method';

/** How the images of a batch are mixed with those of the reversed batch. */
export interface Mixture {
  /** Share of the image's own; the rest is the other's. */
  lambda: number;
  /** Cutmix: rows from `top` to `bottom` and columns from `left` to `right` are the other's. Mixup without it. */
  box?: { top: number; left: number; bottom: number; right: number };
}

/** A mixture as UnMix draws it: mixup or cutmix with equal chance, lambda uniform. @param size in pixels. */
export function drawMixture(draws: StepDraws, size: number): Mixture {
  const lambda = draws.uniform();
  if (draws.uniform() < 0.5) return { lambda };
  const center = [draws.uniform(), draws.uniform()].map((place) => Math.floor(place * size));
  return cutMixture(size, lambda, center[0], center[1]);
}

/** The box of sqrt(1 - lambda) of the side, cut at the borders, and lambda as its area then is. */
export function cutMixture(size: number, lambda: number, row: number, column: number): Mixture {
  const half = Math.floor(Math.trunc(size * Math.sqrt(1 - lambda)) / 2);
  const clip = (value: number) => Math.min(Math.max(value, 0), size);
  const [top, bottom] = [clip(row - half), clip(row + half)];
  const [left, right] = [clip(column - half), clip(column + half)];
  const area = (bottom - top) * (right - left);
  return { lambda: 1 - area / (size * size), box: { top, left, bottom, right } };
}

/** @param images [batch, size, size, channels]. */
export function mixImages(images: Tensor4D, { lambda, box }: Mixture): Tensor4D {
  return tf.tidy(() => {
    const own = box ? outside(images.shape[1], box) : tf.scalar(lambda);
    return tf.add(tf.mul(images, own), tf.mul(reverseRows(images), tf.sub(1, own)));
  });
}

/** 1 outside the box and 0 inside, [1, size, size, 1]. */
function outside(size: number, { top, left, bottom, right }: NonNullable<Mixture['box']>): Tensor4D {
  const mask = new Float32Array(size * size).fill(1);
  for (let row = top; row < bottom; row++) mask.fill(0, row * size + left, row * size + right);
  return tf.tensor4d(mask, [1, size, size, 1]);
}

/** The batch from its last sample to its first. */
export function reverseRows<T extends Tensor2D | Tensor4D>(rows: T): T {
  const batch = rows.shape[0];
  return currentEngine().kernels.takeRows(
    rows,
    Int32Array.from({ length: batch }, (_, i) => batch - 1 - i),
  );
}
