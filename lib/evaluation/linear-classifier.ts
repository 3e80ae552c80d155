import type { Scalar, Tensor1D, Tensor2D, Variable } from '@tensorflow/tfjs-core';
import { randomStream } from '../core/random';
import { currentEngine, tf } from '../engine';
import { Sgd } from '../training';

/**
 * A linear layer on fixed features, trained with cross entropy by SGD with Nesterov momentum .9 and no weight
 * decay. Weights start normal with standard deviation .01, biases at 0.
 */
export class LinearClassifier {
  readonly weight: Variable;
  readonly bias: Variable;
  private readonly optimizer: Sgd;

  constructor(seed: number, features: number, classes: number) {
    const random = randomStream(seed, 'linear-init');
    const values = Float32Array.from({ length: features * classes }, () => 0.01 * random.normal());
    this.weight = tf.tidy(() => tf.variable(tf.tensor2d(values, [features, classes])));
    this.bias = tf.tidy(() => tf.variable(tf.zeros([classes])));
    const parameters = new Map([
      ['weight', this.weight],
      ['bias', this.bias],
    ]);
    this.optimizer = new Sgd(parameters, { momentum: 0.9, weightDecay: 0, nesterov: true });
  }

  /** One step on a batch of features [batch, features]; returns the mean cross entropy before it. */
  async trainStep(features: Tensor2D, labels: Int32Array, lr: number): Promise<number> {
    const { loss, gradients } = tf.tidy(() => {
      const logits = this.logits(features);
      const classes = logits.shape[1];
      const target = tf.oneHot(tf.tensor1d(labels, 'int32') as Tensor1D, classes);
      const loss = tf.mean(tf.neg(tf.sum(tf.mul(target, tf.logSoftmax(logits)), 1))) as Scalar;
      const dLogits = tf.div(tf.sub(tf.softmax(logits), target), labels.length) as Tensor2D;
      const dWeight = currentEngine().kernels.matMul(features, dLogits, true, false);
      return { loss, gradients: { [this.weight.name]: dWeight, [this.bias.name]: tf.sum(dLogits, 0) } };
    });
    this.optimizer.step(gradients, lr);
    const [value] = await loss.data();
    tf.dispose([loss, gradients]);
    return value;
  }

  /** Class scores [batch, classes]. */
  logits(features: Tensor2D): Tensor2D {
    const weight = this.weight as unknown as Tensor2D;
    return tf.tidy(() => tf.add(currentEngine().kernels.matMul(features, weight), this.bias));
  }

  dispose(): void {
    tf.dispose([this.weight, this.bias, ...this.optimizer.state().values()]);
  }
}
