import type { Tensor, Tensor2D } from '@tensorflow/tfjs-core';
import type { BatchNormGradients, Kernels } from '../kernels/kernels';
import type { WasmModule } from './backend';
import type { ThreadPool } from './pool';
import { address, empty, withScratch } from './tensors';

/** Scratch of a thread: three values for each of the 64 channels of a task, or two of eight bytes. */
const room = 1024;

/** Batch normalization; a task is a group of the batch with some of its channels. */
export function batchNorms(
  module: WasmModule,
  pool: ThreadPool,
): Pick<Kernels, 'batchNorm' | 'batchNormGradient' | 'batchNormInference' | 'moveRunningStatistics'> {
  return {
    batchNorm(x, { scale, offset }, { views, splits }, { epsilon, relu, residual }) {
      const { batch, positions, channels } = sizes(x);
      const y = empty(x.shape);
      const mean = empty<Tensor2D>([views * splits, channels]);
      const variance = empty<Tensor2D>(mean.shape);
      withScratch(module, room * pool.threads, (scratch) =>
        pool.run(
          'batchNorm',
          pool.compiled.batchNormTasks(channels, views * splits),
          ...[x, y, residual, scale, offset, mean, variance].map(address),
          ...[batch, positions, channels, views, splits, epsilon, Number(relu), scratch, room],
        ),
      );
      return { y, statistics: { mean, variance } };
    },
    batchNormGradient(
      dy,
      x,
      y,
      { scale, offset },
      { mean, variance },
      { views, splits },
      epsilon,
      wantResidual,
    ) {
      const { batch, positions, channels } = sizes(x);
      const groups = views * splits;
      const gradients: BatchNormGradients = { dx: empty(x.shape) };
      if (wantResidual) gradients.dResidual = empty(x.shape);
      const shareBytes = 8 * mean.size;
      withScratch(module, 2 * shareBytes + room * pool.threads, (scaleShares) => {
        const offsetShares = scaleShares + shareBytes;
        const scratch = offsetShares + shareBytes;
        pool.run(
          'batchNormGradient',
          pool.compiled.batchNormTasks(channels, groups),
          ...[dy, x, y, scale, mean, variance, gradients.dx, gradients.dResidual].map(address),
          ...[scaleShares, offsetShares, batch, positions, channels, views, splits, epsilon, scratch, room],
        );
        const sum = (shares: number) => {
          const sums = empty([channels]);
          pool.compiled.addGroups(shares, address(sums), channels, groups);
          return sums;
        };
        if (scale) gradients.dScale = sum(scaleShares);
        if (offset) gradients.dOffset = sum(offsetShares);
      });
      return gradients;
    },
    batchNormInference(x, { scale, offset }, mean, variance, { epsilon, relu, residual }) {
      const { batch, positions, channels } = sizes(x);
      const y = empty(x.shape);
      withScratch(module, room * pool.threads, (scratch) =>
        pool.run(
          'batchNormInference',
          batch,
          ...[x, y, residual, scale, offset, mean, variance].map(address),
          ...[positions, channels, epsilon, Number(relu), scratch, room],
        ),
      );
      return y;
    },
    // In place: no convolution packs these.
    moveRunningStatistics(
      runningMean,
      runningVariance,
      { mean, variance },
      { views, splits },
      rows,
      momentum,
    ) {
      const { moveRunning } = pool.compiled;
      const count = rows / views / splits;
      const rest = [runningMean.size, views, splits, momentum];
      moveRunning(address(runningMean), address(mean), ...rest, 1);
      moveRunning(address(runningVariance), address(variance), ...rest, count / (count - 1));
    },
  };
}

function sizes(x: Tensor): { batch: number; positions: number; channels: number } {
  const batch = x.shape[0];
  const channels = x.shape[x.shape.length - 1];
  return { batch, positions: x.size / batch / channels, channels };
}
