import type { Tensor, Tensor2D, Variable } from '@tensorflow/tfjs-core';
import { type BatchGroups, type BatchStatistics, currentEngine, tf } from '../engine';
import { constant } from './initializers';
import { type AddGradient, keepForBackward, type NamedVariables, type Pass } from './network';

/** Share of a new batch in the running statistics. */
const runningMomentum = 0.1;
const epsilon = 1e-5;

export interface BatchNormSettings {
  channels: number;
  /** Splits of every view that are normalized on their own (SplitBatchNorm); 1 is ordinary batch norm. */
  splits: number;
  /** Clip at 0 after normalizing. */
  relu: boolean;
  /** Whether there are a scale and an offset. Default true. */
  affine?: boolean;
  trainable: boolean;
}

/**
 * Batch normalization, with a ReLU and a residual sum where wanted, as the authors' SplitBatchNorm: the
 * splits of a batch are interleaved, share scale and offset, and their running statistics are averaged.
 */
export class BatchNorm {
  private readonly scale: Variable | null;
  private readonly offset: Variable | null;
  private readonly runningMean: Variable;
  private readonly runningVariance: Variable;

  constructor(private readonly settings: BatchNormSettings) {
    const { channels, affine = true, trainable } = settings;
    this.scale = affine ? constant(1, [channels], trainable) : null;
    this.offset = affine ? constant(0, [channels], trainable) : null;
    this.runningMean = constant(0, [channels], false);
    this.runningVariance = constant(1, [channels], false);
  }

  parameters(): NamedVariables {
    const both: [string, Variable | null][] = [
      ['weight', this.scale],
      ['bias', this.offset],
    ];
    return new Map(both.filter((entry): entry is [string, Variable] => entry[1] !== null));
  }

  buffers(): NamedVariables {
    return new Map([
      ['running_mean', this.runningMean],
      ['running_var', this.runningVariance],
    ]);
  }

  /**
   * @param x [batch, ..., channels]; @param residual added before the ReLU.
   * @returns the result and, where recorded, the way back to x and the residual.
   */
  forward(
    x: Tensor,
    pass: Pass,
    residual?: Tensor,
  ): { y: Tensor; backward?: (dy: Tensor, add: AddGradient) => { dx: Tensor; dResidual?: Tensor } } {
    const { kernels } = currentEngine();
    const { relu } = this.settings;
    const { scale, offset } = this;
    const options = { epsilon, relu, residual };
    if (!pass.training) {
      const affine = { scale, offset };
      return { y: kernels.batchNormInference(x, affine, this.runningMean, this.runningVariance, options) };
    }
    const groups = { views: pass.views, splits: this.settings.splits };
    const { y, statistics } = kernels.batchNorm(x, { scale, offset }, groups, options);
    const { mean, variance } = statistics;
    this.moveRunning(statistics, groups, x.size / x.shape[x.rank - 1], pass.movements);
    if (!pass.recorded) {
      tf.dispose([mean, variance]);
      return { y };
    }
    for (const kept of [y, mean, variance]) keepForBackward(kept);
    return {
      y,
      backward: (dy, add) => {
        const mask = relu ? y : null;
        const args = [{ scale, offset }, statistics, groups, epsilon, residual !== undefined] as const;
        const { dx, dScale, dOffset, dResidual } = kernels.batchNormGradient(dy, x, mask, ...args);
        if (scale) add(scale, dScale!);
        if (offset) add(offset, dOffset!);
        tf.dispose([dy, y, mean, variance]);
        return { dx, dResidual };
      },
    };
  }

  /** @param rows all rows of the batch; @param movements the views that count, in order; all, each once, without. */
  private moveRunning(
    statistics: BatchStatistics,
    groups: BatchGroups,
    rows: number,
    movements?: number[],
  ): void {
    const { runningMean, runningVariance } = this;
    tf.tidy(() => {
      const moving = movements ? statisticsOf(movements, statistics, groups) : statistics;
      const views = movements?.length ?? groups.views;
      currentEngine().kernels.moveRunningStatistics(
        runningMean,
        runningVariance,
        moving,
        { ...groups, views },
        (rows / groups.views) * views,
        runningMomentum,
      );
    });
  }
}

/** The statistics of the views named, one after the other. */
function statisticsOf(
  views: number[],
  { mean, variance }: BatchStatistics,
  groups: BatchGroups,
): BatchStatistics {
  const rows = (all: Tensor2D) =>
    tf.concat(
      views.map((view) => tf.slice(all, [view * groups.splits, 0], [groups.splits, -1])),
      0,
    ) as Tensor2D;
  return { mean: rows(mean), variance: rows(variance) };
}
