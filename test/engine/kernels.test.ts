import assert from 'node:assert/strict';
import { plainKernels } from '../../lib/engine';
import { currentEngine } from '../../lib/engine/engine';
import { tf } from '../../lib/engine/tf';
import { describeEachEngine, expectClose, fromNchw, fromOihw, tensorOf } from '../engines';
import { golden } from '../golden';

const tolerance = 1e-5;

describeEachEngine('Training kernels', () => {
  const { layers } = golden('layers');
  for (const name of ['conv3x3_s1', 'conv3x3_s2', 'conv3x3_s2_odd', 'conv1x1_s2']) {
    it(`convolve and differentiate as PyTorch: ${name}`, async () => {
      const { stride, padding, input, weight, output, grad_output, grad_input, grad_weight } = layers[name];
      const { kernels } = currentEngine();
      const [x, filter, dy] = [fromNchw(input), fromOihw(weight), fromNchw(grad_output)];
      await expectClose(kernels.conv2d(x, filter, stride, padding), fromNchw(output), tolerance);
      const dx = kernels.conv2dInputGradient(dy, filter, x.shape, stride, padding);
      await expectClose(dx, fromNchw(grad_input), tolerance);
      const dFilter = kernels.conv2dFilterGradient(x, dy, filter.shape, stride, padding);
      await expectClose(dFilter, fromOihw(grad_weight), tolerance);
    });
  }

  for (const shape of [
    { batch: 5, size: 8, ins: 8, outs: 16, kernel: 3, stride: 1 },
    { batch: 3, size: 7, ins: 12, outs: 24, kernel: 3, stride: 2 },
    { batch: 4, size: 8, ins: 3, outs: 9, kernel: 3, stride: 1 },
    { batch: 40, size: 16, ins: 8, outs: 8, kernel: 3, stride: 1 },
    { batch: 2, size: 6, ins: 5, outs: 10, kernel: 1, stride: 2 },
    { batch: 1, size: 5, ins: 16, outs: 8, kernel: 3, stride: 1 },
    { batch: 2, size: 9, ins: 8, outs: 136, kernel: 3, stride: 1 },
    { batch: 9, size: 4, ins: 136, outs: 16, kernel: 3, stride: 1 },
    { batch: 3, size: 2, ins: 16, outs: 16, kernel: 3, stride: 1 },
    { batch: 1, size: 7, ins: 5, outs: 7, kernel: 3, stride: 2 },
    { batch: 1, size: 1, ins: 8, outs: 8, kernel: 3, stride: 1 },
    { batch: 3, size: 7, ins: 16, outs: 48, kernel: 3, stride: 1 },
    { batch: 3, size: 9, ins: 48, outs: 16, kernel: 3, stride: 2 },
    { batch: 2, size: 8, ins: 32, outs: 80, kernel: 1, stride: 2 },
  ]) {
    const { batch, size, ins, outs, kernel, stride } = shape;
    it(`convolve and differentiate as the plain kernels do: ${JSON.stringify(shape)}`, async () => {
      const { kernels } = currentEngine();
      const padding = (kernel - 1) / 2;
      const x = tf.randomNormal<tf.Rank.R4>([batch, size, size, ins], 0, 1, 'float32', 1);
      const filter = tf.randomNormal<tf.Rank.R4>([kernel, kernel, ins, outs], 0, 1, 'float32', 2);
      const y = kernels.conv2d(x, filter, stride, padding);
      await expectClose(y, plainKernels.conv2d(x, filter, stride, padding), tolerance);
      const dy = tf.randomNormal<tf.Rank.R4>(y.shape, 0, 1, 'float32', 3);
      const dFilter = kernels.conv2dFilterGradient(x, dy, filter.shape, stride, padding);
      await expectClose(
        dFilter,
        plainKernels.conv2dFilterGradient(x, dy, filter.shape, stride, padding),
        tolerance,
      );
      const dx = kernels.conv2dInputGradient(dy, filter, x.shape, stride, padding);
      await expectClose(
        dx,
        plainKernels.conv2dInputGradient(dy, filter, x.shape, stride, padding),
        tolerance,
      );
    });
  }

  for (const padding of [0, 2]) {
    it(`convolve and differentiate with a padding of ${padding} as the plain kernels do`, async () => {
      const { kernels } = currentEngine();
      const x = tf.randomNormal<tf.Rank.R4>([2, 8, 8, 16], 0, 1, 'float32', 1);
      const filter = tf.randomNormal<tf.Rank.R4>([3, 3, 16, 16], 0, 1, 'float32', 2);
      const y = plainKernels.conv2d(x, filter, 1, padding);
      await expectClose(kernels.conv2d(x, filter, 1, padding), y, tolerance);
      for (const gradient of ['conv2dInputGradient', 'conv2dFilterGradient'] as const) {
        const of = (set: typeof kernels) =>
          gradient === 'conv2dInputGradient'
            ? set[gradient](y, filter, x.shape, 1, padding)
            : set[gradient](x, y, filter.shape, 1, padding);
        await expectClose(of(kernels), of(plainKernels), tolerance);
      }
    });
  }

  it('take rows in another order', async () => {
    const { kernels } = currentEngine();
    for (const rows of [
      tf.randomNormal<tf.Rank.R2>([5, 3], 0, 1, 'float32', 1),
      tf.randomNormal<tf.Rank.R4>([5, 2, 3, 3], 0, 1, 'float32', 1),
    ]) {
      const order = Int32Array.of(4, 0, 3, 3, 1, 2);
      const expected = tf.gather(rows, tf.tensor1d(order, 'int32'));
      const taken = kernels.takeRows(rows, order);
      assert.deepEqual(taken.shape, expected.shape);
      await expectClose(taken, expected, 0);
    }
  });

  const { split_batch_norm, batch_norm_1d } = golden('split_bn');
  for (const fixture of split_batch_norm) {
    it(`normalize split batches as the authors do: ${fixture.dtype}, ${fixture.num_splits} splits`, async () => {
      const { kernels } = currentEngine();
      const [x, dy] = [fromNchw(fixture.input), fromNchw(fixture.grad_output)];
      const affine = { scale: tensorOf(fixture.weight), offset: tensorOf(fixture.bias) };
      const groups = { views: 1, splits: fixture.num_splits };
      const { y, statistics } = kernels.batchNorm(x, affine, groups, { epsilon: fixture.eps, relu: false });
      await expectClose(y, fromNchw(fixture.output), tolerance);
      const gradients = kernels.batchNormGradient(
        dy,
        x,
        null,
        affine,
        statistics,
        groups,
        fixture.eps,
        false,
      );
      await expectClose(gradients.dx, fromNchw(fixture.grad_input), tolerance);
      await expectClose(gradients.dScale!, fixture.grad_weight, tolerance);
      await expectClose(gradients.dOffset!, fixture.grad_bias, tolerance);
      const runningMean = tf.variable(tensorOf(fixture.running_mean_before));
      const runningVariance = tf.variable(tensorOf(fixture.running_var_before));
      const rows = x.size / x.shape[3]!;
      kernels.moveRunningStatistics(runningMean, runningVariance, statistics, groups, rows, fixture.momentum);
      await expectClose(runningMean, fixture.running_mean_after, tolerance);
      await expectClose(runningVariance, fixture.running_var_after, tolerance);
    });
  }

  for (const fixture of batch_norm_1d) {
    it(`normalize rows as PyTorch: ${fixture.dtype}, affine ${fixture.affine}`, async () => {
      const { kernels } = currentEngine();
      const [x, dy] = [tensorOf(fixture.input), tensorOf(fixture.grad_output)];
      const affine = fixture.affine
        ? { scale: tensorOf(fixture.weight), offset: tensorOf(fixture.bias) }
        : { scale: null, offset: null };
      const groups = { views: 1, splits: 1 };
      const { y, statistics } = kernels.batchNorm(x, affine, groups, { epsilon: fixture.eps, relu: false });
      await expectClose(y, fixture.output, tolerance);
      const gradients = kernels.batchNormGradient(
        dy,
        x,
        null,
        affine,
        statistics,
        groups,
        fixture.eps,
        false,
      );
      await expectClose(gradients.dx, fixture.grad_input, tolerance);
      if (fixture.affine) await expectClose(gradients.dScale!, fixture.grad_weight, tolerance);
    });
  }

  for (const channels of [5, 8, 12, 70, 272]) {
    it(`normalize, add a residual and clip as the plain kernels do: ${channels} channels`, async () => {
      const { kernels } = currentEngine();
      const shape = [12, 3, 3, channels];
      const x = tf.randomNormal(shape, 3, 2, 'float32', 4);
      const residual = tf.randomNormal(shape, 0, 1, 'float32', 5);
      const dy = tf.randomNormal(shape, 0, 1, 'float32', 6);
      const affine = {
        scale: tf.randomNormal([channels], 1, 1, 'float32', 7),
        offset: tf.randomNormal([channels], 0, 1, 'float32', 8),
      };
      const groups = { views: 2, splits: 3 };
      const options = { epsilon: 1e-5, relu: true, residual };
      const ours = kernels.batchNorm(x, affine, groups, options);
      const plain = plainKernels.batchNorm(x, affine, groups, options);
      await expectClose(ours.y, plain.y, tolerance);
      await expectClose(ours.statistics.mean, plain.statistics.mean, tolerance);
      await expectClose(ours.statistics.variance, plain.statistics.variance, tolerance);
      const args = [dy, x, plain.y, affine, plain.statistics, groups, 1e-5, true] as const;
      const gradients = kernels.batchNormGradient(...args);
      const plainGradients = plainKernels.batchNormGradient(...args);
      await expectClose(gradients.dx, plainGradients.dx, tolerance);
      await expectClose(gradients.dScale!, plainGradients.dScale!, tolerance);
      await expectClose(gradients.dOffset!, plainGradients.dOffset!, tolerance);
      await expectClose(gradients.dResidual!, plainGradients.dResidual!, tolerance);
      const [mean, variance] = [affine.offset, tf.square(affine.scale)];
      await expectClose(
        kernels.batchNormInference(x, affine, mean, variance, options),
        plainKernels.batchNormInference(x, affine, mean, variance, options),
        tolerance,
      );
    });
  }

  for (const fixture of golden('sgd').runs) {
    it(`update as PyTorch's SGD: ${fixture.dtype}, nesterov ${fixture.nesterov}, decay ${fixture.weight_decay}`, async () => {
      const { kernels } = currentEngine();
      const parameter = tf.variable(tensorOf(fixture.initial));
      const buffer = tf.variable(tf.zerosLike(parameter));
      const { momentum, nesterov, weight_decay: weightDecay } = fixture;
      for (const step of fixture.steps) {
        const settings = { lr: step.lr, momentum, nesterov, weightDecay };
        kernels.sgdStep([parameter], [tensorOf(step.grad)], [buffer], settings);
        await expectClose(parameter, step.param, tolerance);
        if (step.momentum_buffer) await expectClose(buffer, step.momentum_buffer, tolerance);
      }
    });
  }

  it("move the teacher's parameters as the authors do", async () => {
    const { student, teacher_before, steps } = golden('ema');
    const { kernels } = currentEngine();
    const teacher = teacher_before.map((t: never) => tf.variable(tensorOf(t)));
    for (const { m, teacher: expected } of steps) {
      kernels.movingAverage(teacher, student.map(tensorOf), m);
      for (let i = 0; i < teacher.length; i++) await expectClose(teacher[i], expected[i], tolerance);
    }
  });
});
