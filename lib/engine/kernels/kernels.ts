import type { Tensor, Tensor2D, Tensor4D, Variable } from '@tensorflow/tfjs-core';

/**
 * How the samples of a batch are divided for batch normalization. The batch holds `views` equal stretches,
 * one after the other, and sample i of a stretch belongs to its split i mod `splits`. Every pair of view and
 * split is normalized on its own (SplitBatchNorm of the authors' code).
 */
export interface BatchGroups {
  views: number;
  splits: number;
}

/** What a batch normalization leaves for its backward pass and for the running statistics. */
export interface BatchStatistics {
  /** Mean of each group and channel, [views * splits, channels]. */
  mean: Tensor2D;
  /** Biased variance of each group and channel, [views * splits, channels]. */
  variance: Tensor2D;
}

/** Scale and offset of a batch normalization, both [channels]; null stands for 1 and 0. */
export interface Affine {
  scale: Tensor | null;
  offset: Tensor | null;
}

export interface BatchNormOptions {
  epsilon: number;
  /** Clip the result at 0 from below, after the residual is added. */
  relu: boolean;
  /** Added to the normalized values; shape of x. */
  residual?: Tensor;
}

export interface BatchNormGradients {
  dx: Tensor;
  /** Absent without a scale. */
  dScale?: Tensor;
  /** Absent without an offset. */
  dOffset?: Tensor;
  /** Gradient of the residual input, where it was asked for. */
  dResidual?: Tensor;
}

export interface SgdSettings {
  lr: number;
  momentum: number;
  weightDecay: number;
  nesterov: boolean;
}

/**
 * The operations of a training step that decide its speed. Every engine has an implementation; `plain` is
 * the one made of TensorFlow.js operations alone, which the others are tested against.
 *
 * Images are [batch, height, width, channels], filters [height, width, in, out]. Padding is in pixels on
 * every side, as in PyTorch. No kernel disposes its inputs.
 */
export interface Kernels {
  conv2d(x: Tensor4D, filter: Tensor4D, stride: number, padding: number): Tensor4D;
  conv2dInputGradient(
    dy: Tensor4D,
    filter: Tensor4D,
    inputShape: Tensor4D['shape'],
    stride: number,
    padding: number,
  ): Tensor4D;
  conv2dFilterGradient(
    x: Tensor4D,
    dy: Tensor4D,
    filterShape: Tensor4D['shape'],
    stride: number,
    padding: number,
  ): Tensor4D;
  /** 3x3 max pooling of stride 2 with a margin of 1 that never wins. */
  maxPool(x: Tensor4D): Tensor4D;
  /** Gradient of `maxPool` at x, whose result was y. */
  maxPoolGradient(dy: Tensor4D, x: Tensor4D, y: Tensor4D): Tensor4D;
  /** Matrix product of a (or its transpose) and b (or its transpose). */
  matMul(a: Tensor2D, b: Tensor2D, transposeA?: boolean, transposeB?: boolean): Tensor2D;
  /** The rows (samples) with the given indices, in that order. No gradient goes through it. */
  takeRows<T extends Tensor2D | Tensor4D>(rows: T, order: Int32Array): T;
  /** Normalizes [batch, ..., channels] with the statistics of each group of the batch. */
  batchNorm(
    x: Tensor,
    affine: Affine,
    groups: BatchGroups,
    options: BatchNormOptions,
  ): { y: Tensor; statistics: BatchStatistics };
  /**
   * Gradients of `batchNorm`. `y` is its result where a ReLU was applied, else null; `wantResidual` asks for
   * the residual's gradient.
   */
  batchNormGradient(
    dy: Tensor,
    x: Tensor,
    y: Tensor | null,
    affine: Affine,
    statistics: BatchStatistics,
    groups: BatchGroups,
    epsilon: number,
    wantResidual: boolean,
  ): BatchNormGradients;
  /**
   * Moves running statistics [channels] by a batch of `rows` rows: every split moves them from where its view
   * found them, with weight `momentum` for the new, and the splits' results are averaged; the views follow one
   * another. The variance that enters is the unbiased one.
   */
  moveRunningStatistics(
    mean: Variable,
    variance: Variable,
    statistics: BatchStatistics,
    groups: BatchGroups,
    rows: number,
    momentum: number,
  ): void;
  /** Normalizes with given statistics ([channels]), as a network in evaluation mode does. */
  batchNormInference(
    x: Tensor,
    affine: Affine,
    mean: Tensor,
    variance: Tensor,
    options: BatchNormOptions,
  ): Tensor;
  /**
   * One SGD step by PyTorch's rule, in place: g += wd*p; buffer = momentum*buffer + g; p -= lr*buffer.
   * Buffers start at zero.
   */
  sgdStep(parameters: Variable[], gradients: Tensor[], buffers: Variable[], settings: SgdSettings): void;
  /** target = momentum * target + (1 - momentum) * source, in place, tensor by tensor. */
  movingAverage(targets: Variable[], sources: Tensor[], momentum: number): void;
}
