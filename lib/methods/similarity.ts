import type { Scalar, Tensor, Tensor2D, Tensor3D } from '@tensorflow/tfjs-core';
import { currentEngine, normalize, stopGradient, tf } from '../engine';

/** Cosines of every row of a with every row of b: [m, dim], [n, dim] -> [m, n]. */
export function cosines(a: Tensor2D, b: Tensor2D): Tensor2D {
  return projections(a, normalize(b));
}

/** Like `cosines`, but with the rows of b as long as they are. */
export function projections(a: Tensor2D, b: Tensor2D): Tensor2D {
  return rowProducts(normalize(a), b);
}

/** What `tf.customGrad` is made of: here each gradient is computed only where it is asked for. */
interface LazyGradients {
  runKernelFunc(operation: {
    inputs: { a: Tensor2D; b: Tensor2D };
    forwardFunc(backend: unknown, save: (tensors: Tensor[]) => void): Tensor2D;
    backwardsFunc(dy: Tensor2D, saved: Tensor2D[]): { a(): Tensor2D; b(): Tensor2D };
  }): Tensor2D;
}

/**
 * Products of every row of a with every row of b, [m, n]. TensorFlow.js's own gradient of a product multiplies
 * with transposed matrices, for which WebAssembly has slow loops alone; a bank asks for none, and gets none.
 */
function rowProducts(a: Tensor2D, b: Tensor2D): Tensor2D {
  const { matMul } = currentEngine().kernels;
  return (tf.engine() as unknown as LazyGradients).runKernelFunc({
    inputs: { a, b },
    forwardFunc(_backend, save) {
      save([a, b]);
      return matMul(a, b, false, true);
    },
    backwardsFunc: (dy, [rowsA, rowsB]) => ({
      a: () => matMul(dy, rowsB),
      b: () => matMul(dy, rowsA, true),
    }),
  });
}

/** Cosine of each row of a with the same row of b: [n, dim] twice -> [n, 1]. */
export function pairCosines(a: Tensor2D, b: Tensor2D): Tensor2D {
  return tf.sum(tf.mul(normalize(a), normalize(b)), 1, true) as Tensor2D;
}

/** Like `pairCosines` for several targets of each row, as long as they are: [n, dim], [n, k, dim] -> [n, k]. */
export function ownProjections(a: Tensor2D, targets: Tensor3D): Tensor2D {
  return tf.sum(tf.mul(tf.expandDims(normalize(a), 1), targets), -1);
}

/** Logarithm of the sum of exponentials of each row: [m, n] -> [m]. */
export function logSumExp(logits: Tensor2D): Tensor {
  // Whatever is taken out cancels, and needs no gradient.
  const largest = stopGradient(tf.max(logits, 1, true));
  return tf.add(tf.log(tf.sum(tf.exp(tf.sub(logits, largest)), 1)), tf.squeeze(largest, [1]));
}

/** Mean over the rows of the cross entropy between target distributions and logits, both [m, n]. */
export function crossEntropy(targets: Tensor2D, logits: Tensor2D): Scalar {
  return tf.neg(tf.mean(tf.sum(tf.mul(targets, tf.logSoftmax(logits)), 1))) as Scalar;
}

export function mean(values: Scalar[]): Scalar {
  return tf.div(tf.addN(values), values.length);
}
