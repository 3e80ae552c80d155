import type { Tensor, Variable } from '@tensorflow/tfjs-core';
import { currentEngine, tf } from '../engine';
import type { NamedVariables } from '../models';

export interface SgdOptions {
  momentum: number;
  weightDecay: number;
  /** Default false. */
  nesterov?: boolean;
}

/**
 * Stochastic gradient descent by PyTorch's rule, with weight decay on every parameter, those of the batch
 * norms and biases too, as in the authors' code.
 */
export class Sgd {
  private readonly buffers: NamedVariables;

  constructor(
    private readonly parameters: NamedVariables,
    private readonly options: SgdOptions,
  ) {
    this.buffers = new Map(
      [...parameters].map(([name, parameter]) => [
        name,
        tf.tidy(() => tf.variable(tf.zerosLike(parameter as Tensor), false)),
      ]),
    );
  }

  /** The momentum buffers by the names of their parameters. */
  state(): NamedVariables {
    return this.buffers;
  }

  /** One step. @param gradients by parameter, as `tf.variableGrads` returns them (by `Variable.name`). */
  step(gradients: Record<string, Tensor>, lr: number): void {
    const { momentum, weightDecay, nesterov = false } = this.options;
    const parameters: Variable[] = [...this.parameters.values()];
    currentEngine().kernels.sgdStep(
      parameters,
      parameters.map(({ name }) => gradients[name]),
      [...this.buffers.values()],
      { lr, momentum, weightDecay, nesterov },
    );
  }
}
