import assert from 'node:assert/strict';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { currentEngine } from '../../lib/engine/engine';
import { tf } from '../../lib/engine/tf';
import { describeEachEngine } from '../engines';

const random = <T extends Tensor = Tensor4D>(shape: number[], seed: number): T =>
  tf.randomNormal(shape, 0, 1, 'float32', seed) as unknown as T;

/** The sum of the products, in double precision. */
function dot(a: Tensor, b: Tensor): number {
  const [x, y] = [[...a.dataSync()], [...b.dataSync()]];
  return x.reduce((sum, value, i) => sum + value * y[i], 0);
}

/**
 * Compares a gradient with the difference that a small step in a random direction makes.
 * @param values of what the gradient belongs to
 * @param output of the operation for other values; what is differentiated is its product with `dy`
 */
function checkGradient(
  gradient: Tensor,
  values: Tensor,
  output: (values: never) => Tensor,
  dy: Tensor,
  step: number,
): void {
  const direction = random<Tensor>(values.shape, 17);
  const at = (distance: number) => dot(output(tf.add(values, tf.mul(direction, distance)) as never), dy);
  const difference = (at(step) - at(-step)) / (2 * step);
  const expected = dot(gradient, direction);
  const scale = Math.sqrt(dot(gradient, gradient));
  assert.ok(
    Math.abs(difference - expected) < 2e-3 * scale,
    `${expected} where the difference is ${difference}`,
  );
}

describeEachEngine('Gradients of the training kernels are what a small step makes', () => {
  for (const [size, ins, outs, kernel, stride] of [
    [6, 8, 16, 3, 1],
    [7, 3, 8, 3, 2],
    [6, 8, 8, 1, 2],
  ]) {
    it(`of a convolution, ${kernel}x${kernel}, stride ${stride}, ${ins} to ${outs} channels`, () => {
      const { kernels } = currentEngine();
      const padding = (kernel - 1) / 2;
      const [x, filter] = [random([3, size, size, ins], 1), random([kernel, kernel, ins, outs], 2)];
      const dy = random(kernels.conv2d(x, filter, stride, padding).shape, 3);
      // Linear in either: the step can be long.
      const dx = kernels.conv2dInputGradient(dy, filter, x.shape, stride, padding);
      checkGradient(dx, x, (other: Tensor4D) => kernels.conv2d(other, filter, stride, padding), dy, 1);
      const dFilter = kernels.conv2dFilterGradient(x, dy, filter.shape, stride, padding);
      checkGradient(dFilter, filter, (other: Tensor4D) => kernels.conv2d(x, other, stride, padding), dy, 1);
    });
  }

  for (const relu of [false, true]) {
    it(`of split batch normalization${relu ? ' with a sum and ReLU' : ''}`, () => {
      const { kernels } = currentEngine();
      const groups = { views: 2, splits: 2 };
      const x = random([16, 2, 2, 8], 4);
      const scale = tf.add(tf.mul(random<Tensor>([8], 5), 0.1), 1) as never;
      // Far from the bend of ReLU.
      const offset = tf.add(random<Tensor>([8], 6), relu ? 9 : 0) as never;
      const residual = relu ? random(x.shape, 7) : undefined;
      const settings = { epsilon: 1e-5, relu, residual };
      const norm = (of = x, s = scale, o = offset, r = residual) =>
        kernels.batchNorm(of, { scale: s, offset: o }, groups, { ...settings, residual: r });
      const { y, statistics } = norm();
      const dy = random(y.shape, 8);
      const affine = { scale, offset };
      const gradients = kernels.batchNormGradient(
        dy,
        x,
        relu ? y : null,
        affine,
        statistics,
        groups,
        1e-5,
        relu,
      );
      checkGradient(gradients.dx, x, (other: Tensor4D) => norm(other).y, dy, 1e-2);
      checkGradient(gradients.dScale!, scale, (other: never) => norm(x, other).y, dy, 0.1);
      checkGradient(gradients.dOffset!, offset, (other: never) => norm(x, scale, other).y, dy, 0.1);
      if (relu)
        checkGradient(
          gradients.dResidual!,
          residual!,
          (other: Tensor4D) => norm(x, scale, offset, other).y,
          dy,
          0.1,
        );
    });
  }

  it('of max pooling', () => {
    const { kernels } = currentEngine();
    // Values that differ by more than the step, so that the largest stays the largest.
    const order = tf.util.createShuffledIndices(2 * 6 * 6 * 4);
    const x = tf.tensor4d([...order], [2, 6, 6, 4], 'float32');
    const y = kernels.maxPool(x);
    const dy = random(y.shape, 9);
    checkGradient(
      kernels.maxPoolGradient(dy, x, y),
      x,
      (other: Tensor4D) => kernels.maxPool(other),
      dy,
      0.05,
    );
  });
});
