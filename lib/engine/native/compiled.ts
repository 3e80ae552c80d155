import type { Tensor, Tensor1D, Tensor2D, Tensor4D, Variable } from '@tensorflow/tfjs-core';
import type {
  Affine,
  BatchGroups,
  BatchNormGradients,
  BatchNormOptions,
  BatchStatistics,
  Kernels,
  SgdSettings,
} from '../kernels/kernels';
import { tf } from '../tf';
import { nativeKernels } from './kernels';
import { execute, executeMany, integer, real } from './operations';

/** With fewer channels the transforms cost about what they save, and their rounding errors weigh more. */
const winogradChannels = 16;

/**
 * Kernels for native TensorFlow on the CPU: our own operations, compiled from `ops/`, and TensorFlow's for the
 * convolutions that those do not cover.
 * @param channelMultiple what the compiled operations need channels to be a multiple of.
 */
export function compiledKernels(channelMultiple: number): Kernels {
  /** Which of our ways suits a convolution; undefined where TensorFlow's own does better, or ours does not fit. */
  const way = (x: Tensor4D['shape'], filter: Tensor4D['shape'], stride: number, padding: number) => {
    const [size, width, ins, outs] = filter;
    if (outs % channelMultiple !== 0 || size !== width) return undefined;
    const tiles = size === 3 && stride === 1 && padding === 1 && tilesFit(x) && ins % channelMultiple === 0;
    return tiles && Math.min(ins, outs) >= winogradChannels ? 'Winograd' : 'Patches';
  };
  return {
    ...nativeKernels,
    conv2d(x, filter, stride, padding) {
      const ours = way(x.shape, filter.shape, stride, padding);
      if (!ours) return nativeKernels.conv2d(x, filter, stride, padding);
      const attributes =
        ours === 'Winograd'
          ? [integer('turned', 0)]
          : [integer('stride', stride), integer('padding', padding)];
      return execute(`Mnn${ours}`, attributes, [x, filter]) as Tensor4D;
    },
    conv2dInputGradient(dy, filter, inputShape, stride, padding) {
      const ours = way(inputShape, filter.shape, stride, padding);
      const depth = filter.shape[0] * filter.shape[1] * filter.shape[2];
      if (!ours || depth % channelMultiple !== 0)
        return nativeKernels.conv2dInputGradient(dy, filter, inputShape, stride, padding);
      // Turned by 180 degrees, and with its channels exchanged, the filter makes the gradient a convolution.
      if (ours === 'Winograd') {
        return execute('MnnWinograd', [integer('turned', 1)], [dy, filter]) as Tensor4D;
      }
      const [, height, width] = inputShape;
      const attributes = Object.entries({ stride, padding, height, width }).map(([name, value]) =>
        integer(name, value),
      );
      return execute('MnnPatchesInputGradient', attributes, [dy, filter]) as Tensor4D;
    },
    conv2dFilterGradient(x, dy, filterShape, stride, padding) {
      const ours = way(x.shape, filterShape, stride, padding);
      if (!ours) return nativeKernels.conv2dFilterGradient(x, dy, filterShape, stride, padding);
      const [size] = filterShape;
      const attributes =
        ours === 'Winograd'
          ? []
          : [integer('stride', stride), integer('padding', padding), integer('size', size)];
      return execute(`Mnn${ours}FilterGradient`, attributes, [x, dy]) as Tensor4D;
    },
    batchNorm,
    batchNormGradient,
    moveRunningStatistics,
    batchNormInference,
    sgdStep,
    movingAverage,
  };
}

/** Whether Winograd's tiles of 4x4 outputs are at least half inside the image. */
function tilesFit([, height, width]: Tensor4D['shape']): boolean {
  return 2 * height * width >= 16 * Math.ceil(height / 4) * Math.ceil(width / 4);
}

/** What stands for an absent scale or offset: a tensor without values. */
function orNone(tensor: Tensor | null): Tensor {
  return tensor ?? tf.tensor1d([]);
}

function batchNorm(
  x: Tensor,
  { scale, offset }: Affine,
  { views, splits }: BatchGroups,
  { epsilon, relu, residual }: BatchNormOptions,
): { y: Tensor; statistics: BatchStatistics } {
  const attributes = [
    integer('views', views),
    integer('splits', splits),
    real('epsilon', epsilon),
    integer('relu', Number(relu)),
    integer('residuals', residual ? 1 : 0),
  ];
  const inputs = [x, orNone(scale), orNone(offset), ...(residual ? [residual] : [])];
  const [y, mean, variance] = executeMany('MnnBatchNorm', attributes, inputs, 3);
  return { y, statistics: { mean: mean as Tensor2D, variance: variance as Tensor2D } };
}

function batchNormGradient(
  dy: Tensor,
  x: Tensor,
  y: Tensor | null,
  { scale, offset }: Affine,
  { mean, variance }: BatchStatistics,
  { views, splits }: BatchGroups,
  epsilon: number,
  wantResidual: boolean,
): BatchNormGradients {
  const attributes = [
    integer('views', views),
    integer('splits', splits),
    real('epsilon', epsilon),
    integer('keep', Number(wantResidual)),
    integer('masks', y ? 1 : 0),
  ];
  const inputs = [dy, x, orNone(scale), mean, variance, ...(y ? [y] : [])];
  const [dx, dScale, dOffset, dResidual] = executeMany('MnnBatchNormGradient', attributes, inputs, 4);
  tf.dispose([scale ? [] : dScale, offset ? [] : dOffset, wantResidual ? [] : dResidual]);
  return { dx, ...(scale && { dScale }), ...(offset && { dOffset }), ...(wantResidual && { dResidual }) };
}

function batchNormInference(
  x: Tensor,
  { scale, offset }: Affine,
  mean: Tensor,
  variance: Tensor,
  { epsilon, relu, residual }: BatchNormOptions,
): Tensor {
  const attributes = [
    real('epsilon', epsilon),
    integer('relu', Number(relu)),
    integer('residuals', residual ? 1 : 0),
  ];
  const inputs = [x, orNone(scale), orNone(offset), mean, variance, ...(residual ? [residual] : [])];
  return execute('MnnBatchNormInference', attributes, inputs);
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
  const attributes = [
    integer('views', views),
    integer('splits', splits),
    real('momentum', momentum),
    real('unbiased', count / (count - 1)),
  ];
  const inputs = [runningMean, runningVariance, mean, variance] as Tensor[];
  assignAll([runningMean, runningVariance], executeMany('MnnMoveRunningStatistics', attributes, inputs, 2));
}

function sgdStep(
  parameters: Variable[],
  gradients: Tensor[],
  buffers: Variable[],
  { lr, momentum, weightDecay, nesterov }: SgdSettings,
): void {
  const settings: Tensor1D = tf.tensor1d([lr, momentum, weightDecay, Number(nesterov)]);
  const inputs = [settings, ...parameters, ...gradients, ...buffers] as Tensor[];
  const count = parameters.length;
  assignAll([...parameters, ...buffers], executeMany('MnnSgd', [integer('count', count)], inputs, 2 * count));
  settings.dispose();
}

function movingAverage(targets: Variable[], sources: Tensor[], momentum: number): void {
  const weight = tf.tensor1d([momentum]);
  const inputs = [weight, ...targets, ...sources] as Tensor[];
  const count = targets.length;
  assignAll(targets, executeMany('MnnMovingAverage', [integer('count', count)], inputs, count));
  weight.dispose();
}

/** Gives variables new values; the tensors that brought them are used up. */
function assignAll(variables: Variable[], values: Tensor[]): void {
  variables.forEach((variable, i) => {
    variable.assign(values[i]);
    values[i].dispose();
  });
}
