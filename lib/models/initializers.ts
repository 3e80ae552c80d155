import type { Variable } from '@tensorflow/tfjs-core';
import type { Random } from '../core/random';
import { tf } from '../engine';

/** Convolution weights [height, width, in, out]: normal, std sqrt(2 / (out * height * width)) (fan out, ReLU). */
export function kaimingNormal(random: Random, shape: number[], trainable: boolean): Variable {
  const [height, width, , outs] = shape;
  const std = Math.sqrt(2 / (outs * height * width));
  return variable(shape, trainable, () => std * random.normal());
}

/** PyTorch's default for convolutions and linear layers: uniform in +-1/sqrt(fan in). */
export function fanInUniform(random: Random, shape: number[], fanIn: number, trainable: boolean): Variable {
  const bound = 1 / Math.sqrt(fanIn);
  return variable(shape, trainable, () => random.uniform(-bound, bound));
}

/** A variable with the same value everywhere. */
export function constant(value: number, shape: number[], trainable: boolean): Variable {
  return variable(shape, trainable, () => value);
}

function variable(shape: number[], trainable: boolean, draw: () => number): Variable {
  const values = Float32Array.from({ length: tf.util.sizeFromShape(shape) }, draw);
  return tf.tidy(() => tf.variable(tf.tensor(values, shape), trainable));
}
