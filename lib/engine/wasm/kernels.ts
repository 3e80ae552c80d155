import type { Tensor, Tensor2D, Tensor4D, Variable } from '@tensorflow/tfjs-core';
import type { Kernels } from '../kernels/kernels';
import { plainKernels } from '../kernels/plain';
import { tf } from '../tf';
import type { WasmModule } from './backend';
import { batchNorms } from './batch-norm';
import { convolutions } from './convolution';
import type { ThreadPool } from './pool';
import { address, empty } from './tensors';

/** Values that a task of an update takes. */
const perTask = 1 << 16;

/**
 * Kernels for the WebAssembly backend, compiled from `assembly/` and run on all threads: what the backend
 * lacks (the filter gradient) or does slowly (everything else of a training step).
 */
export function wasmKernels(module: WasmModule, pool: ThreadPool): Kernels {
  return {
    ...convolutions(module, pool),
    ...batchNorms(module, pool),
    maxPool: plainKernels.maxPool,
    maxPoolGradient(dy, x, y) {
      const dx = empty<Tensor4D>(x.shape);
      const shape = [...x.shape.slice(1), y.shape[1], y.shape[2]];
      pool.run('maxPoolGradient', x.shape[0], ...[dy, x, y, dx].map(address), ...shape);
      return dx;
    },
    matMul,
    // The backend's gather copies value by value.
    takeRows(rows, order) {
      const taken = empty<typeof rows>([order.length, ...rows.shape.slice(1)]);
      const bytes = (4 * rows.size) / rows.shape[0];
      const memory = new Uint8Array(module.wasmMemory.buffer);
      const [from, to] = [address(rows) >>> 0, address(taken) >>> 0];
      order.forEach((row, i) => {
        memory.copyWithin(to + i * bytes, from + row * bytes, from + (row + 1) * bytes);
      });
      return taken;
    },
    sgdStep(parameters, gradients, buffers, { lr, momentum, weightDecay, nesterov }) {
      parameters.forEach((parameter, i) => {
        const updated = empty(parameter.shape);
        const at = [parameter, updated, gradients[i], buffers[i]].map(address);
        const settings = [lr, momentum, weightDecay, Number(nesterov)];
        pool.run('sgdStep', tasksFor(parameter), ...at, parameter.size, perTask, ...settings);
        replace(parameter, updated);
      });
    },
    movingAverage(targets, sources, momentum) {
      targets.forEach((target, i) => {
        const updated = empty(target.shape);
        const at = [target, sources[i], updated].map(address);
        pool.run('movingAverage', tasksFor(target), ...at, target.size, perTask, momentum, 1 - momentum);
        replace(target, updated);
      });
    },
  };
}

function tasksFor(values: Tensor): number {
  return Math.ceil(values.size / perTask);
}

/** Gives a variable new values; the tensor that brought them is used up. */
function replace(variable: Variable, values: Tensor): void {
  variable.assign(values);
  values.dispose();
}

/** The backend multiplies fast only where neither side is transposed, so transposes are written out first. */
function matMul(a: Tensor2D, b: Tensor2D, transposeA = false, transposeB = false): Tensor2D {
  return tf.tidy(() => tf.matMul(transposeA ? tf.transpose(a) : a, transposeB ? tf.transpose(b) : b));
}
