import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { Kernels } from '../kernels/kernels';
import { plainKernels } from '../kernels/plain';
import { tf } from '../tf';

/** Kernels for native TensorFlow: its own convolution gradients; the rest is composed. */
export const nativeKernels: Kernels = {
  ...plainKernels,
  conv2dInputGradient,
  conv2dFilterGradient,
};

function conv2dInputGradient(
  dy: Tensor4D,
  filter: Tensor4D,
  inputShape: Tensor4D['shape'],
  stride: number,
  padding: number,
): Tensor4D {
  const [batch, height, width, channels] = inputShape;
  return tf.tidy(() => {
    const padded: Tensor4D['shape'] = [batch, height + 2 * padding, width + 2 * padding, channels];
    const dx = tf.conv2dTranspose(dy, filter, padded, stride, 'valid');
    return tf.slice(dx, [0, padding, padding, 0], inputShape);
  });
}

function conv2dFilterGradient(
  x: Tensor4D,
  dy: Tensor4D,
  filterShape: Tensor4D['shape'],
  stride: number,
  padding: number,
): Tensor4D {
  return tf.tidy(() => {
    const sides: [number, number] = [padding, padding];
    const padded = tf.pad4d(x, [[0, 0], sides, sides, [0, 0]]);
    const attributes = { strides: stride, pad: 'valid', dataFormat: 'NHWC', filterShape };
    return tf.engine().runKernel('Conv2DBackpropFilter', { x: padded, dy }, attributes) as Tensor4D;
  });
}
