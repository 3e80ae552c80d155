import type { Tensor } from '@tensorflow/tfjs-core';
import { tf } from './tf';

/** The order that undoes an order. */
export function inverseOrder(order: Int32Array): Int32Array {
  const places = new Int32Array(order.length);
  order.forEach((from, to) => {
    places[from] = to;
  });
  return places;
}

/** Rows (last axis) scaled to unit length, as torch.nn.functional.normalize with its epsilon of 1e-12. */
export function normalize<T extends Tensor>(x: T): T {
  const length = tf.maximum(tf.sqrt(tf.sum(tf.square(x), -1, true)), 1e-12);
  return tf.div(x, length);
}

/** The same values without their history: no gradient goes through them to what they were computed from. */
export function stopGradient<T extends Tensor>(x: T): T {
  const engine = tf.engine();
  // A second owner of the values, as the operation Identity makes one, but not on the tape.
  engine.backend.incRef(x.dataId);
  return engine.makeTensorFromTensorInfo({ dataId: x.dataId, shape: x.shape, dtype: x.dtype }) as T;
}
