import type { Tensor, Tensor2D, Tensor4D, Variable } from '@tensorflow/tfjs-core';
import type { Random } from '../core/random';
import { currentEngine, tf } from '../engine';
import { BatchNorm, type BatchNormSettings } from './batch-norm';
import { fanInUniform } from './initializers';
import {
  type AddGradient,
  keepForBackward,
  type Layer,
  type NamedVariables,
  type Output,
  type Pass,
  prefixed,
} from './network';

/** A convolution without bias, its batch normalization, and where wanted a residual sum and a ReLU. */
export class ConvBatchNorm {
  readonly norm: BatchNorm;

  /** @param filter [height, width, in, out]; @param padding default: what keeps the size at stride 1. */
  constructor(
    readonly filter: Variable,
    private readonly stride: number,
    norm: Omit<BatchNormSettings, 'channels' | 'trainable'>,
    private readonly padding = (filter.shape[0] - 1) / 2,
  ) {
    this.norm = new BatchNorm({ ...norm, channels: filter.shape[3]!, trainable: filter.trainable });
  }

  forward(
    x: Tensor,
    pass: Pass,
    residual?: Tensor,
  ): {
    y: Tensor;
    backward?: (dy: Tensor, add: AddGradient, wantDx?: boolean) => { dx: Tensor; dResidual?: Tensor };
  } {
    const { kernels } = currentEngine();
    const { filter, stride, padding } = this;
    const input = x as Tensor4D;
    const weights = filter as unknown as Tensor4D;
    const convolved = kernels.conv2d(input, weights, stride, padding);
    const { y, backward } = this.norm.forward(convolved, pass, residual);
    if (!backward) {
      convolved.dispose();
      return { y };
    }
    keepForBackward(convolved);
    return {
      y,
      backward: (dy, add, wantDx = true) => {
        const { dx: dConvolved, dResidual } = backward(dy, add);
        const gradient = dConvolved as Tensor4D;
        add(filter, kernels.conv2dFilterGradient(input, gradient, weights.shape, stride, padding));
        const dx = wantDx
          ? kernels.conv2dInputGradient(gradient, weights, input.shape, stride, padding)
          : tf.scalar(0);
        tf.dispose([convolved, gradient]);
        return { dx, dResidual };
      },
    };
  }
}

/** A matrix product with PyTorch's default initialization, and a bias where wanted. */
export class Linear implements Layer {
  readonly weight: Variable;
  readonly bias: Variable | null;

  constructor(random: Random, ins: number, outs: number, options: { bias: boolean; trainable: boolean }) {
    this.weight = fanInUniform(random, [ins, outs], ins, options.trainable);
    this.bias = options.bias ? fanInUniform(random, [outs], ins, options.trainable) : null;
  }

  parameters(): NamedVariables {
    const all: NamedVariables = new Map([['weight', this.weight]]);
    return this.bias ? all.set('bias', this.bias) : all;
  }

  buffers(): NamedVariables {
    return new Map();
  }

  forward(x: Tensor, pass: Pass): Output {
    const { kernels } = currentEngine();
    const input = x as Tensor2D;
    const weight = this.weight as unknown as Tensor2D;
    const y = tf.tidy(() => {
      const product = kernels.matMul(input, weight);
      return this.bias ? tf.add(product, this.bias) : product;
    });
    if (!pass.recorded) return { y };
    return {
      y,
      backward: (dy, add) => {
        const gradient = dy as Tensor2D;
        add(this.weight, kernels.matMul(input, gradient, true, false));
        if (this.bias) add(this.bias, tf.sum(gradient, 0));
        const dx = kernels.matMul(gradient, weight, false, true);
        gradient.dispose();
        return dx;
      },
    };
  }
}

/** Batch normalization of rows as a layer of its own; the heads use it with whole views. */
export class RowBatchNorm implements Layer {
  private readonly norm: BatchNorm;

  constructor(settings: Omit<BatchNormSettings, 'splits'>) {
    this.norm = new BatchNorm({ ...settings, splits: 1 });
  }

  parameters(): NamedVariables {
    return this.norm.parameters();
  }

  buffers(): NamedVariables {
    return this.norm.buffers();
  }

  forward(x: Tensor, pass: Pass): Output {
    const { y, backward } = this.norm.forward(x, pass);
    return { y, backward: backward && ((dy, add) => backward(dy, add).dx) };
  }
}

/** A ReLU as a layer of its own; after a batch norm the norm does it. */
export class Relu implements Layer {
  parameters(): NamedVariables {
    return new Map();
  }

  buffers(): NamedVariables {
    return new Map();
  }

  forward(x: Tensor, pass: Pass): Output {
    const y = tf.relu(x);
    if (!pass.recorded) return { y };
    return {
      y,
      backward: (dy) => {
        const dx = tf.tidy(() => tf.mul(dy, tf.step(y)));
        dy.dispose();
        return dx;
      },
    };
  }
}

/** Layers one after the other, each under the name it is given. */
export class Sequential implements Layer {
  constructor(private readonly layers: [string, Layer][]) {}

  parameters(): NamedVariables {
    return prefixed(this.layers.map(([name, layer]) => [name, layer.parameters()]));
  }

  buffers(): NamedVariables {
    return prefixed(this.layers.map(([name, layer]) => [name, layer.buffers()]));
  }

  forward(x: Tensor, pass: Pass): Output {
    const backwards: NonNullable<Output['backward']>[] = [];
    let y = x;
    for (const [, layer] of this.layers) {
      const output = layer.forward(y, pass);
      if (output.backward) {
        keepForBackward(output.y);
        const { backward, y: made } = output;
        backwards.push((dy, add) => {
          const dx = backward(dy, add);
          made.dispose();
          return dx;
        });
      } else if (y !== x) y.dispose();
      y = output.y;
    }
    if (!pass.recorded) return { y };
    return { y, backward: (dy, add) => backwards.reduceRight((gradient, back) => back(gradient, add), dy) };
  }
}
