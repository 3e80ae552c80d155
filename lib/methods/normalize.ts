import type { Tensor } from '@tensorflow/tfjs-core';
import { tf } from '../engine/tf';

/** Rows (last axis) scaled to unit length, as torch.nn.functional.normalize with its epsilon of 1e-12. */
export function normalize<T extends Tensor>(x: T): T {
  const length = tf.maximum(tf.sqrt(tf.sum(tf.square(x), -1, true)), 1e-12);
  return tf.div(x, length);
}
