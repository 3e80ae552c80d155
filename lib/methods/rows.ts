import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import { tf } from '../engine/tf';

/** The rows (samples) of a batch in another order. */
export function takeRows<T extends Tensor2D | Tensor4D>(rows: T, order: Int32Array): T {
  return tf.tidy(() => tf.gather(rows, tf.tensor1d(order, 'int32')));
}

/** The order that undoes an order. */
export function inverseOrder(order: Int32Array): Int32Array {
  const places = new Int32Array(order.length);
  order.forEach((from, to) => {
    places[from] = to;
  });
  return places;
}
