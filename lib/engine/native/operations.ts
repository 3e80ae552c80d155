import type { Tensor } from '@tensorflow/tfjs-core';
import { tf } from '../tf';

/** A setting of a TensorFlow operation, as tfjs-node's binding takes it. */
export interface Attribute {
  name: string;
  type: number;
  value: unknown;
}

/** Runs a TensorFlow operation with one result. */
export function execute(name: string, attributes: Attribute[], inputs: Tensor[]): Tensor {
  return backend().executeSingleOutput(name, attributes, inputs);
}

/** Runs a TensorFlow operation with `outputs` results. */
export function executeMany(
  name: string,
  attributes: Attribute[],
  inputs: Tensor[],
  outputs: number,
): Tensor[] {
  return backend().executeMultipleOutputs(name, attributes, inputs, outputs);
}

export function integer(name: string, value: number): Attribute {
  return { name, type: backend().binding.TF_ATTR_INT, value };
}

export function integers(name: string, value: number[]): Attribute {
  return { name, type: backend().binding.TF_ATTR_INT, value };
}

export function real(name: string, value: number): Attribute {
  return { name, type: backend().binding.TF_ATTR_FLOAT, value };
}

export function text(name: string, value: string): Attribute {
  return { name, type: backend().binding.TF_ATTR_STRING, value };
}

/** The attribute T, the type of an operation's tensors. */
export function tensorType(dtype: 'float32' | 'int32'): Attribute {
  const { TF_ATTR_TYPE, TF_FLOAT, TF_INT32 } = backend().binding;
  return { name: 'T', type: TF_ATTR_TYPE, value: dtype === 'float32' ? TF_FLOAT : TF_INT32 };
}

// biome-ignore lint/suspicious/noExplicitAny: tfjs-node's backend type needs tfjs-node to be installed
function backend(): any {
  return tf.backend();
}
