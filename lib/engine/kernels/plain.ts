import type { Tensor, Tensor2D, Tensor4D, Tensor5D, Variable } from '@tensorflow/tfjs-core';
import { tf } from '../tf';
import type {
  Affine,
  BatchGroups,
  BatchNormGradients,
  BatchNormOptions,
  BatchStatistics,
  Kernels,
  SgdSettings,
} from './kernels';

/** The kernels made of TensorFlow.js operations alone: they run on any engine and are the others' measure. */
export const plainKernels: Kernels = {
  conv2d,
  conv2dInputGradient,
  conv2dFilterGradient,
  maxPool: (x) => tf.tidy(() => tf.maxPool(withMargin(x), 3, 2, 'valid')),
  maxPoolGradient,
  matMul: (a, b, transposeA = false, transposeB = false) => tf.matMul(a, b, transposeA, transposeB),
  takeRows: (rows, order) => tf.tidy(() => tf.gather(rows, tf.tensor1d(order, 'int32'))),
  batchNorm,
  batchNormGradient,
  moveRunningStatistics,
  batchNormInference,
  sgdStep,
  movingAverage,
};

function conv2d(x: Tensor4D, filter: Tensor4D, stride: number, padding: number): Tensor4D {
  return tf.tidy(() => tf.conv2d(pad(x, padding), filter, stride, 'valid'));
}

// tfjs-node takes no explicit padding, and 'same' pads a stride of 2 on the other side than PyTorch does.
function pad(x: Tensor4D, padding: number): Tensor4D {
  if (padding === 0) return x;
  const both: [number, number] = [padding, padding];
  return tf.pad4d(x, [[0, 0], both, both, [0, 0]]);
}

/**
 * A convolution of the output gradient, spread out by the stride, with the filter turned by 180 degrees and
 * its channel axes exchanged.
 */
function conv2dInputGradient(
  dy: Tensor4D,
  filter: Tensor4D,
  inputShape: Tensor4D['shape'],
  stride: number,
  padding: number,
): Tensor4D {
  const [size] = filter.shape;
  return tf.tidy(() => {
    const turned = tf.transpose(tf.reverse(filter, [0, 1]), [0, 1, 3, 2]) as Tensor4D;
    const spread = spreadOut(dy, stride);
    const margin = size - 1 - padding;
    const bottom = inputShape[1] + padding - spread.shape[1];
    const right = inputShape[2] + padding - spread.shape[2];
    const padded = tf.pad4d(spread, [
      [0, 0],
      [margin, Math.max(0, bottom)],
      [margin, Math.max(0, right)],
      [0, 0],
    ]);
    const wanted = inputShape[1] + size - 1;
    const wantedWidth = inputShape[2] + size - 1;
    const cut = tf.slice(padded, [0, 0, 0, 0], [-1, wanted, wantedWidth, -1]);
    return tf.conv2d(cut, turned, 1, 'valid');
  });
}

/** Puts stride-1 zeros after every row and column, by padding a new axis and the channels'. */
function spreadOut(dy: Tensor4D, stride: number): Tensor4D {
  if (stride === 1) return dy;
  const [batch, height, width, channels] = dy.shape;
  const more = stride - 1;
  const rows = tf.reshape(dy, [batch * height, 1, width, channels]) as Tensor4D;
  const padded = tf.pad4d(rows, [
    [0, 0],
    [0, more],
    [0, 0],
    [0, more * channels],
  ]);
  return tf.reshape(padded, [batch, height * stride, width * stride, channels]);
}

/**
 * A convolution in which the input channels play the batch and the samples play the channels: the image of
 * every input channel is convolved with the output gradient, dilated by the stride.
 */
function conv2dFilterGradient(
  x: Tensor4D,
  dy: Tensor4D,
  filterShape: Tensor4D['shape'],
  stride: number,
  padding: number,
): Tensor4D {
  const [height, width, inChannels, outChannels] = filterShape;
  return tf.tidy(() => {
    const images = tf.transpose(pad(x, padding), [3, 1, 2, 0]) as Tensor4D;
    const filters = tf.transpose(dy, [1, 2, 0, 3]) as Tensor4D;
    const out = tf.conv2d(images, filters, 1, 'valid', 'NHWC', stride);
    // A stride that does not divide the input leaves a row or column more than the filter has.
    const cut = tf.slice(out, [0, 0, 0, 0], [inChannels, height, width, outChannels]);
    return tf.transpose(cut, [1, 2, 0, 3]) as Tensor4D;
  });
}

/** x with a margin of one pixel that loses against every value. */
function withMargin(x: Tensor4D): Tensor4D {
  const margin: [number, number] = [1, 1];
  return tf.pad4d(x, [[0, 0], margin, margin, [0, 0]], Number.NEGATIVE_INFINITY);
}

function maxPoolGradient(dy: Tensor4D, x: Tensor4D, y: Tensor4D): Tensor4D {
  return tf.tidy(() => {
    const inputs = { dy, input: withMargin(x), output: y };
    const attributes = { filterSize: 3, strides: 2, pad: 'valid' };
    const dPadded = tf.engine().runKernel('MaxPoolGrad', inputs, attributes) as Tensor4D;
    return tf.slice(dPadded, [0, 1, 1, 0], x.shape);
  });
}

/** [batch, ..., channels] seen as [views, samples, splits, positions, channels]. */
function grouped(x: Tensor, { views, splits }: BatchGroups): Tensor5D {
  const batch = x.shape[0];
  const channels = x.shape[x.shape.length - 1];
  return tf.reshape(x, [views, batch / views / splits, splits, x.size / batch / channels, channels]);
}

/** [views * splits, channels] so that it broadcasts against `grouped`. */
function perGroup(statistic: Tensor, { views, splits }: BatchGroups): Tensor {
  return tf.reshape(statistic, [views, 1, splits, 1, -1]);
}

function batchNorm(
  x: Tensor,
  { scale, offset }: Affine,
  groups: BatchGroups,
  { epsilon, relu, residual }: BatchNormOptions,
): { y: Tensor; statistics: BatchStatistics } {
  const [y, mean, variance] = tf.tidy(() => {
    const values = grouped(x, groups);
    const mean = tf.mean(values, [1, 3], true);
    const centered = tf.sub(values, mean);
    const variance = tf.mean(tf.square(centered), [1, 3], true);
    const normalized = tf.mul(centered, tf.rsqrt(tf.add(variance, epsilon)));
    const flat = [groups.views * groups.splits, -1];
    return [
      finish(tf.reshape(normalized, x.shape), scale, offset, residual, relu),
      tf.reshape(mean, flat),
      tf.reshape(variance, flat),
    ];
  });
  return { y, statistics: { mean: mean as Tensor2D, variance: variance as Tensor2D } };
}

function finish(
  normalized: Tensor,
  scale: Tensor | null,
  offset: Tensor | null,
  residual: Tensor | undefined,
  relu: boolean,
): Tensor {
  let y = normalized;
  if (scale) y = tf.mul(y, scale);
  if (offset) y = tf.add(y, offset);
  if (residual) y = tf.add(y, residual);
  return relu ? tf.relu(y) : y;
}

function batchNormGradient(
  dy: Tensor,
  x: Tensor,
  y: Tensor | null,
  { scale, offset }: Affine,
  { mean, variance }: BatchStatistics,
  groups: BatchGroups,
  epsilon: number,
  wantResidual: boolean,
): BatchNormGradients {
  return tf.tidy(() => {
    const masked = y ? tf.mul(dy, tf.step(y)) : tf.clone(dy);
    const g = grouped(masked, groups);
    const inverse = tf.rsqrt(tf.add(variance, epsilon));
    const centeredX = tf.sub(grouped(x, groups), perGroup(mean, groups));
    const normalized = tf.mul(centeredX, perGroup(inverse, groups));
    const sumG = tf.sum(g, [1, 3], true);
    const sumGX = tf.sum(tf.mul(g, normalized), [1, 3], true);
    const count = g.shape[1] * g.shape[3];
    const centered = tf.sub(tf.sub(g, tf.div(sumG, count)), tf.mul(normalized, tf.div(sumGX, count)));
    const dx = tf.mul(centered, perGroup(scale ? tf.mul(inverse, scale) : inverse, groups));
    return {
      dx: tf.reshape(dx, x.shape),
      ...(scale && { dScale: tf.reshape(tf.sum(sumGX, [0, 2]), scale.shape) }),
      ...(offset && { dOffset: tf.reshape(tf.sum(sumG, [0, 2]), offset.shape) }),
      ...(wantResidual && { dResidual: masked }),
    };
  });
}

function moveRunningStatistics(
  runningMean: Variable,
  runningVariance: Variable,
  { mean, variance }: BatchStatistics,
  { views, splits }: BatchGroups,
  rows: number,
  momentum: number,
): void {
  const count = rows / views / splits;
  const keep = 1 - momentum;
  const weights = Array.from({ length: views * splits }, (_, group) => {
    const later = views - 1 - Math.floor(group / splits);
    return (momentum * keep ** later) / splits;
  });
  tf.tidy(() => {
    const shares = tf.tensor2d(weights, [1, weights.length]);
    const move = (running: Variable, statistic: Tensor2D, factor: number) => {
      const moved = tf.reshape(tf.matMul(shares, statistic), running.shape);
      running.assign(tf.add(tf.mul(running, keep ** views), tf.mul(moved, factor)));
    };
    move(runningMean, mean, 1);
    move(runningVariance, variance, count / (count - 1));
  });
}

function batchNormInference(
  x: Tensor,
  { scale, offset }: Affine,
  mean: Tensor,
  variance: Tensor,
  { epsilon, relu, residual }: BatchNormOptions,
): Tensor {
  return tf.tidy(() => {
    const normalized = tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, epsilon)));
    return finish(normalized, scale, offset, residual, relu);
  });
}

function sgdStep(
  parameters: Variable[],
  gradients: Tensor[],
  buffers: Variable[],
  { lr, momentum, weightDecay, nesterov }: SgdSettings,
): void {
  parameters.forEach((parameter, i) => {
    tf.tidy(() => {
      const gradient = tf.add(gradients[i], tf.mul(parameter, weightDecay));
      const buffer = tf.add(tf.mul(buffers[i], momentum), gradient);
      const direction = nesterov ? tf.add(gradient, tf.mul(buffer, momentum)) : buffer;
      parameter.assign(tf.sub(parameter, tf.mul(direction, lr)));
      buffers[i].assign(tf.clone(buffer));
    });
  });
}

function movingAverage(targets: Variable[], sources: Tensor[], momentum: number): void {
  targets.forEach((target, i) => {
    tf.tidy(() => target.assign(tf.add(tf.mul(target, momentum), tf.mul(sources[i], 1 - momentum))));
  });
}
