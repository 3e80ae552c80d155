import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
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
  return execute('Conv2D', attributes(stride, padding), [x, filter]) as Tensor4D;
}

function conv2dInputGradient(
  dy: Tensor4D,
  filter: Tensor4D,
  inputShape: Tensor4D['shape'],
  stride: number,
  padding: number,
): Tensor4D {
  const inputs: [Tensor, Tensor, Tensor] = [tf.tensor1d(inputShape, 'int32'), filter, dy];
  const dx = execute('Conv2DBackpropInput', attributes(stride, padding), inputs);
  inputs[0].dispose();
  return dx as Tensor4D;
}

function conv2dFilterGradient(
  x: Tensor4D,
  dy: Tensor4D,
  filterShape: Tensor4D['shape'],
  stride: number,
  padding: number,
): Tensor4D {
  const inputs: [Tensor, Tensor, Tensor] = [x, tf.tensor1d(filterShape, 'int32'), dy];
  const dFilter = execute('Conv2DBackpropFilter', attributes(stride, padding), inputs);
  inputs[1].dispose();
  return dFilter as Tensor4D;
}

function attributes(stride: number, padding: number): Attribute[] {
  return [
    tensorType('float32'),
    integers('strides', [1, stride, stride, 1]),
    text('padding', padding === 0 ? 'VALID' : 'EXPLICIT'),
    integers('explicit_paddings', padding === 0 ? [] : [0, 0, padding, padding, padding, padding, 0, 0]),
    text('data_format', 'NHWC'),
    integers('dilations', [1, 1, 1, 1]),
  ];
}
