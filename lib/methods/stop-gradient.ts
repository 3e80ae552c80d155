import type { Tensor } from '@tensorflow/tfjs-core';
import { tf } from '../engine/tf';

/** The same values without their history: no gradient goes through them to what they were computed from. */
export function stopGradient<T extends Tensor>(x: T): T {
  const engine = tf.engine();
  // A second owner of the values, as the operation Identity makes one, but not on the tape.
  engine.backend.incRef(x.dataId);
  return engine.makeTensorFromTensorInfo({ dataId: x.dataId, shape: x.shape, dtype: x.dtype }) as T;
}
