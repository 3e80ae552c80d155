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

/**
 * Kernels for native TensorFlow on the CPU: our own operations, compiled from `ops/`, and TensorFlow's for the
 * convolutions that those do not cover.
 * @param vectorLength floats in a vector of the processor, as the compiled kernels tell.
 */
export function compiledKernels(vectorLength: number): Kernels {
  const covers = (x: Tensor4D['shape'], filter: Tensor4D['shape'], stride: number) =>
    isWorthwhile(x, filter, stride, vectorLength);
  return {
    ...nativeKernels,
    conv2d(x, filter, stride, padding) {
      if (!covers(x.shape, filter.shape, stride)) return nativeKernels.conv2d(x, filter, stride, padding);
      return execute('MnnConvolution', [integer('turned', 0)], [x, filter]) as Tensor4D;
    },
    conv2dInputGradient(dy, filter, inputShape, stride, padding) {
      if (!covers(inputShape, filter.shape, stride)) {
        return nativeKernels.conv2dInputGradient(dy, filter, inputShape, stride, padding);
      }
      return execute('MnnConvolution', [integer('turned', 1)], [dy, filter]) as Tensor4D;
    },
    conv2dFilterGradient(x, dy, filterShape, stride, padding) {
      if (!covers(x.shape, filterShape, stride)) {
        return nativeKernels.conv2dFilterGradient(x, dy, filterShape, stride, padding);
      }
      return execute('MnnConvolutionFilterGradient', [], [x, dy]) as Tensor4D;
    },
    batchNorm,
    batchNormGradient,
    moveRunningStatistics,
    batchNormInference,
    sgdStep,
    movingAverage,
  };
}

/**
 * Whether a convolution is one of 3x3 at stride 1 (its padding is then 1) in whole vectors of channels, whose tiles
 * of 4x4 outputs are at least half inside the picture.
 */
function isWorthwhile(
  [, height, width]: Tensor4D['shape'],
  [size, , ins, outs]: Tensor4D['shape'],
  stride: number,
  vectorLength: number,
): boolean {
  const tiled = 16 * Math.ceil(height / 4) * Math.ceil(width / 4);
  const whole = ins % vectorLength === 0 && outs % vectorLength === 0;
  return size === 3 && stride === 1 && whole && 2 * height * width >= tiled;
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
