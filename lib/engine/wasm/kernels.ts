import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import type { Tensor, Tensor2D, Tensor4D, Variable } from '@tensorflow/tfjs-core';
import { packageRoot } from '../../package-root';
import type {
  Affine,
  BatchGroups,
  BatchNormGradients,
  BatchNormOptions,
  BatchStatistics,
  Kernels,
} from '../kernels/kernels';
import { plainKernels } from '../kernels/plain';
import { tf } from '../tf';
import type { WasmModule } from './backend';

type Compiled = Record<
  | 'batchNorm'
  | 'batchNormGradient'
  | 'batchNormInference'
  | 'moveRunning'
  | 'filterGradient'
  | 'turnFilter'
  | 'spreadOut'
  | 'maxPoolGradient'
  | 'sgdStep'
  | 'movingAverage',
  (...numbers: number[]) => void
>;

/** Bytes of input and output gradient that a block of samples may take in the filter gradient. */
const cacheBytes = 128 * 1024;

/**
 * Kernels for the WebAssembly backend: its own convolution (XNNPACK, on all threads) and, compiled from
 * `assembly/`, what it lacks (the filter gradient) or does slowly (batch normalisation, updates).
 */
export function wasmKernels(module: WasmModule): Kernels {
  const compiled = instantiate(module.wasmMemory);
  return {
    conv2d,
    conv2dInputGradient: (dy, filter, inputShape, stride, padding) =>
      conv2dInputGradient(compiled, dy, filter, inputShape, stride, padding),
    conv2dFilterGradient: (x, dy, filterShape, stride, padding) =>
      conv2dFilterGradient(compiled, x, dy, filterShape, stride, padding),
    maxPool: plainKernels.maxPool,
    maxPoolGradient(dy, x, y) {
      const dx = empty<Tensor4D>(x.shape);
      const at = [address(dy), address(x), address(y), address(dx)];
      compiled.maxPoolGradient(...at, ...x.shape, y.shape[1], y.shape[2]);
      return dx;
    },
    matMul,
    batchNorm: (x, affine, groups, options) => batchNorm(module, compiled, x, affine, groups, options),
    batchNormGradient: (...args) => batchNormGradient(module, compiled, ...args),
    // In place: no convolution packs these.
    moveRunningStatistics(
      runningMean,
      runningVariance,
      { mean, variance },
      { views, splits },
      rows,
      momentum,
    ) {
      const count = rows / views / splits;
      const rest = [runningMean.size, views, splits, momentum];
      compiled.moveRunning(address(runningMean), address(mean), ...rest, 1);
      compiled.moveRunning(address(runningVariance), address(variance), ...rest, count / (count - 1));
    },
    batchNormInference: (...args) => batchNormInference(module, compiled, ...args),
    sgdStep(parameters, gradients, buffers, { lr, momentum, weightDecay, nesterov }) {
      parameters.forEach((parameter, i) => {
        const updated = empty(parameter.shape);
        const at = [address(parameter), address(updated), address(gradients[i]), address(buffers[i])];
        compiled.sgdStep(...at, parameter.size, lr, momentum, weightDecay, Number(nesterov));
        replace(parameter, updated);
      });
    },
    movingAverage(targets, sources, momentum) {
      targets.forEach((target, i) => {
        const updated = empty(target.shape);
        const at = [address(target), address(sources[i]), address(updated)];
        compiled.movingAverage(...at, target.size, momentum, 1 - momentum);
        replace(target, updated);
      });
    },
  };
}

function instantiate(memory: WebAssembly.Memory): Compiled {
  const binary = readFileSync(join(packageRoot, 'engine', 'wasm', 'kernels.wasm'));
  const instance = new WebAssembly.Instance(new WebAssembly.Module(binary), { env: { memory } });
  return instance.exports as unknown as Compiled;
}

/** Where a tensor's values lie in the backend's memory; 0 for no tensor. */
function address(tensor: Tensor | null | undefined): number {
  if (!tensor) return 0;
  return (tf.backend() as BackendWasm).getMemoryOffset(tensor.dataId as never);
}

/** A float32 tensor whose values are whatever its memory held: a kernel fills it. */
function empty<T extends Tensor = Tensor>(shape: number[]): T {
  const info = (tf.backend() as BackendWasm).makeOutput(shape, 'float32');
  return tf.engine().makeTensorFromTensorInfo(info) as T;
}

/** Gives a variable new values; the tensor that brought them is used up. */
function replace(variable: Variable, values: Tensor): void {
  variable.assign(values);
  values.dispose();
}

function withScratch(module: WasmModule, bytes: number, use: (address: number) => void): void {
  const scratch = module._malloc(bytes) >>> 0;
  if (scratch === 0)
    throw new Error(`The WebAssembly engine has no ${bytes} bytes left: use a smaller batch or width.`);
  use(scratch);
  module._free(scratch);
}

function sizes(x: Tensor): { batch: number; positions: number; channels: number } {
  const batch = x.shape[0];
  const channels = x.shape[x.shape.length - 1];
  return { batch, positions: x.size / batch / channels, channels };
}

function conv2d(x: Tensor4D, filter: Tensor4D, stride: number, padding: number): Tensor4D {
  return tf.conv2d(x, filter, stride, padding === 0 ? 'valid' : padding);
}

/** The convolution, at stride 1, of the spread-out output gradient with the turned filter. */
function conv2dInputGradient(
  compiled: Compiled,
  dy: Tensor4D,
  filter: Tensor4D,
  inputShape: Tensor4D['shape'],
  stride: number,
  padding: number,
): Tensor4D {
  const [size, , ins, outs] = filter.shape;
  const turned = empty<Tensor4D>([size, size, outs, ins]);
  compiled.turnFilter(address(filter), address(turned), size, ins, outs);
  const spread = stride === 1 ? dy : spreadOut(compiled, dy, inputShape, stride, 2 * padding - size + 1);
  const dx = conv2d(spread, turned, 1, size - 1 - padding);
  if (spread !== dy) spread.dispose();
  turned.dispose();
  return dx;
}

/** Output gradients at every stride-th pixel, zeros between them; `extra` rows and columns over the input's. */
function spreadOut(
  compiled: Compiled,
  dy: Tensor4D,
  [, height, width]: Tensor4D['shape'],
  stride: number,
  extra: number,
): Tensor4D {
  const [batch, rows, columns, channels] = dy.shape;
  const spread = empty<Tensor4D>([batch, height + extra, width + extra, channels]);
  const shape = [batch, rows, columns, channels, height + extra, width + extra];
  compiled.spreadOut(address(dy), address(spread), ...shape, stride);
  return spread;
}

function conv2dFilterGradient(
  compiled: Compiled,
  x: Tensor4D,
  dy: Tensor4D,
  filterShape: Tensor4D['shape'],
  stride: number,
  padding: number,
): Tensor4D {
  const [batch, height, width, ins] = x.shape;
  const [, outHeight, outWidth, outs] = dy.shape;
  const dw = empty<Tensor4D>(filterShape);
  const sampleBytes = (4 * (x.size + dy.size)) / batch;
  compiled.filterGradient(
    ...[address(x), address(dy), address(dw), batch, height, width, ins, outHeight, outWidth, outs],
    ...[filterShape[0], stride, padding, Math.max(1, Math.floor(cacheBytes / sampleBytes))],
  );
  return dw;
}

/** The backend multiplies fast only where neither side is transposed, so transposes are written out first. */
function matMul(a: Tensor2D, b: Tensor2D, transposeA = false, transposeB = false): Tensor2D {
  return tf.tidy(() => tf.matMul(transposeA ? tf.transpose(a) : a, transposeB ? tf.transpose(b) : b));
}

function batchNorm(
  module: WasmModule,
  compiled: Compiled,
  x: Tensor,
  { scale, offset }: Affine,
  groups: BatchGroups,
  { epsilon, relu, residual }: BatchNormOptions,
): { y: Tensor; statistics: BatchStatistics } {
  const { batch, positions, channels } = sizes(x);
  const y = empty(x.shape);
  const mean = empty<Tensor2D>([groups.views * groups.splits, channels]);
  const variance = empty<Tensor2D>(mean.shape);
  withScratch(module, mean.size * 8, (scratch) =>
    compiled.batchNorm(
      ...[address(x), address(y), address(residual), address(scale), address(offset)],
      ...[address(mean), address(variance), scratch, batch, positions, channels],
      ...[groups.views, groups.splits, epsilon, Number(relu)],
    ),
  );
  return { y, statistics: { mean, variance } };
}

function batchNormGradient(
  module: WasmModule,
  compiled: Compiled,
  dy: Tensor,
  x: Tensor,
  y: Tensor | null,
  { scale, offset }: Affine,
  { mean, variance }: BatchStatistics,
  groups: BatchGroups,
  epsilon: number,
  wantResidual: boolean,
): BatchNormGradients {
  const { batch, positions, channels } = sizes(x);
  const dx = empty(x.shape);
  const dScale = empty([channels]);
  const dOffset = empty([channels]);
  const dResidual = wantResidual ? empty(x.shape) : undefined;
  withScratch(module, mean.size * 28, (scratch) =>
    compiled.batchNormGradient(
      ...[address(dy), address(x), address(y), address(scale), address(mean), address(variance)],
      ...[address(dx), address(dScale), address(dOffset), address(dResidual), scratch],
      ...[batch, positions, channels, groups.views, groups.splits, epsilon],
    ),
  );
  if (!scale) dScale.dispose();
  if (!offset) dOffset.dispose();
  return { dx, ...(scale && { dScale }), ...(offset && { dOffset }), ...(dResidual && { dResidual }) };
}

function batchNormInference(
  module: WasmModule,
  compiled: Compiled,
  x: Tensor,
  { scale, offset }: Affine,
  mean: Tensor,
  variance: Tensor,
  { epsilon, relu, residual }: BatchNormOptions,
): Tensor {
  const { batch, positions, channels } = sizes(x);
  const y = empty(x.shape);
  withScratch(module, channels * 8, (scratch) =>
    compiled.batchNormInference(
      ...[address(x), address(y), address(residual), address(scale), address(offset)],
      ...[address(mean), address(variance), scratch, batch * positions, channels, epsilon, Number(relu)],
    ),
  );
  return y;
}
