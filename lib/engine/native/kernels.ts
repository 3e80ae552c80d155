import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { Kernels } from '../kernels/kernels';
import { plainKernels } from '../kernels/plain';
import { tf } from '../tf';
import { type Attribute, execute, integers, tensorType, text } from './operations';

/** Kernels of native TensorFlow's own operations: convolutions with PyTorch's padding; the rest is composed. */
export const nativeKernels: Kernels = {
  ...plainKernels,
  conv2d,
  conv2dInputGradient,
  conv2dFilterGradient,
};

function conv2d(x: Tensor4D, filter: Tensor4D, stride: number, padding: number): Tensor4D {
  return execute('Conv2D', attributes(stride, padded(padding)), [x, filter]) as Tensor4D;
}

/** TensorFlow is slow here with explicit padding, so the padded input's gradient is taken and cut. */
function conv2dInputGradient(
  dy: Tensor4D,
  filter: Tensor4D,
  inputShape: Tensor4D['shape'],
  stride: number,
  padding: number,
): Tensor4D {
  const [batch, height, width, channels] = inputShape;
  return tf.tidy(() => {
    const shape = [batch, height + 2 * padding, width + 2 * padding, channels];
    const inputs = [tf.tensor1d(shape, 'int32'), filter, dy];
    const dx = execute('Conv2DBackpropInput', attributes(stride, padded(0)), inputs) as Tensor4D;
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
    const inputs = [x, tf.tensor1d(filterShape, 'int32'), dy];
    return execute('Conv2DBackpropFilter', attributes(stride, padded(padding)), inputs) as Tensor4D;
  });
}

function padded(padding: number): Attribute[] {
  const explicit = padding === 0 ? [] : [0, 0, padding, padding, padding, padding, 0, 0];
  return [text('padding', padding === 0 ? 'VALID' : 'EXPLICIT'), integers('explicit_paddings', explicit)];
}

function attributes(stride: number, padding: Attribute[]): Attribute[] {
  return [
    tensorType('float32'),
    integers('strides', [1, stride, stride, 1]),
    ...padding,
    text('data_format', 'NHWC'),
    integers('dilations', [1, 1, 1, 1]),
  ];
}
