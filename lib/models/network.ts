import type { Tensor, Variable } from '@tensorflow/tfjs-core';
import { tf } from '../engine';

/** Adds a gradient to a parameter's sum; the sum takes the tensor over. */
export type AddGradient = (parameter: Variable, gradient: Tensor) => void;

/** What a layer gives: its output, and the way back where the pass is recorded. */
export interface Output {
  y: Tensor;
  /**
   * From the gradient of y to the gradient of the layer's input. Disposes dy and whatever the layer kept,
   * but never its input.
   */
  backward?: (dy: Tensor, add: AddGradient) => Tensor;
}

/** How a batch goes through a network. */
export interface Pass {
  /** Normalize with the batch's own statistics and update the running ones; else use the running ones. */
  training: boolean;
  /** Stretches of the batch that are different views and never share statistics. */
  views: number;
  /** The views, by index, whose statistics move the running ones, in this order. Default: each one once. */
  movements?: number[];
  /** Keep what a backward pass needs. */
  recorded: boolean;
}

/** A part of a network with parameters of its own. Names follow torchvision's ResNet and torch.nn. */
export interface Layer {
  /** Trained values by name, in a fixed order. */
  parameters(): NamedVariables;
  /** Running statistics by name. */
  buffers(): NamedVariables;
  forward(x: Tensor, pass: Pass): Output;
}

export type NamedVariables = Map<string, Variable>;

/** Gives every name of the parts a prefix: `conv1` and `weight` become `conv1.weight`. */
export function prefixed(parts: [string, NamedVariables][]): NamedVariables {
  const all: NamedVariables = new Map();
  for (const [prefix, variables] of parts) {
    for (const [name, variable] of variables) all.set(`${prefix}.${name}`, variable);
  }
  return all;
}

export interface ApplyOptions {
  /** Default true. */
  training?: boolean;
  /** Default 1. */
  views?: number;
  /** See `Pass.movements`. */
  movements?: number[];
  /** Whether x itself needs a gradient; images do not. Default true. */
  inputGradient?: boolean;
}

/**
 * Sends a batch through a layer, as one operation of TensorFlow.js's automatic differentiation: gradients
 * reach the layer's parameters (and x) when `tf.variableGrads` asks for them.
 */
export function apply(layer: Layer, x: Tensor, options: ApplyOptions = {}): Tensor {
  const { training = true, views = 1, movements, inputGradient = true } = options;
  const parameters = [...layer.parameters().values()];
  if (!isRecording() || !parameters[0]?.trainable) {
    return tf.tidy(() => layer.forward(x, { training, views, movements, recorded: false }).y);
  }
  const operation = tf.customGrad((...inputs: (Tensor | tf.GradSaveFunc)[]) => {
    const input = keepForBackward(tf.clone(inputs[0] as Tensor));
    const { y, backward } = layer.forward(input, { training, views, movements, recorded: true });
    const gradFunc = (dy: Tensor | Tensor[]) => {
      const all = gradients(dy as Tensor, backward!, parameters, inputGradient);
      input.dispose();
      return all;
    };
    return { value: y, gradFunc };
  });
  return operation(x, ...parameters);
}

function gradients(
  dy: Tensor,
  backward: NonNullable<Output['backward']>,
  parameters: Variable[],
  inputGradient: boolean,
): Tensor[] {
  const sums = new Map<Variable, Tensor>();
  const dx = backward(tf.clone(dy), (parameter, gradient) => {
    const sum = sums.get(parameter);
    sums.set(parameter, sum ? tf.add(sum, gradient) : gradient);
  });
  // TensorFlow.js wants a tensor for every input, and looks only at those that need one.
  return [inputGradient ? dx : tf.scalar(0), ...parameters.map((parameter) => sums.get(parameter)!)];
}

/** Whether a gradient is being taken around the code that runs now. */
function isRecording(): boolean {
  return (tf.engine() as unknown as { isTapeOn(): boolean }).isTapeOn();
}

const kept = new Set<Tensor>();

/**
 * Keeps a tensor of a recorded pass beyond the scope that made it: TensorFlow.js clears the inside of an
 * operation when its forward pass ends. Its layer's `backward` disposes it.
 */
export function keepForBackward<T extends Tensor>(tensor: T): T {
  kept.add(tensor);
  return tf.keep(tensor);
}

/** Disposes what recorded passes kept whose way back was never taken. Call it after every training step. */
export function releaseKept(): void {
  for (const tensor of kept) tensor.dispose();
  kept.clear();
}
