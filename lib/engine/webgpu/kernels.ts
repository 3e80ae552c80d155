import type { Kernels } from '../kernels/kernels';
import { plainKernels } from '../kernels/plain';
import { tf } from '../tf';

/**
 * Kernels for the WebGPU backend: its convolutions pad by themselves, and its input gradient takes neither a
 * spread-out output gradient nor a turned filter. Its filter gradient has one thread sum a weight's whole
 * gradient, one product at a time, and so stays with the composed one.
 */
export const webgpuKernels: Kernels = {
  ...plainKernels,
  conv2d: (x, filter, stride, padding) => tf.conv2d(x, filter, stride, padding),
  conv2dInputGradient: (dy, filter, inputShape, stride, padding) =>
    tf.conv2dTranspose(dy, filter, inputShape, stride, padding),
};
