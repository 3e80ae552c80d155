import assert from 'node:assert/strict';
import type { Variable } from '@tensorflow/tfjs-core';
import { randomStream } from '../../lib/core/random';
import { tf } from '../../lib/engine/tf';
import { apply, byolHeads, type NamedVariables, ResNet18, releaseKept } from '../../lib/models';
import { BasicBlock, maxPool } from '../../lib/models/resnet18';
import { describeEachEngine, expectClose, fromNchw, fromOihw } from '../engines';
import { golden } from '../golden';
import { authorsName, setFromPyTorch } from './authors-names';

const random = () => randomStream(1, 'init');
const settings = { width: 64, maxPool: false, bnSplits: 8, trainable: true };

describeEachEngine('Networks', () => {
  for (const fixture of golden('basic_block').blocks) {
    const { in_channels: ins, out_channels: outs, stride, num_splits: bnSplits, dtype } = fixture;
    it(`a block runs forwards and backwards as the authors': ${ins} to ${outs}, stride ${stride}, ${dtype}`, async () => {
      const block = new BasicBlock(random(), { ins, outs, stride, bnSplits, trainable: true });
      for (const [name, value] of Object.entries(fixture.parameters)) {
        setFromPyTorch(block.parameters().get(name)!, value as never);
      }
      const x = fromNchw(fixture.input) as ReturnType<typeof tf.tensor>;
      const dy = fromNchw(fixture.grad_output);
      const variable = tf.variable(x);
      const parameters = [...block.parameters()];
      const { grads } = tf.variableGrads(
        () => tf.sum(tf.mul(apply(block, variable), dy)) as ReturnType<typeof tf.scalar>,
        [variable, ...parameters.map(([, parameter]) => parameter)],
      );
      releaseKept();
      await expectClose(grads[variable.name], fromNchw(fixture.grad_input), 1e-5);
      for (const [name, parameter] of parameters) {
        const expected = fixture.grads[name];
        await expectClose(
          grads[parameter.name],
          expected.shape.length === 4 ? fromOihw(expected) : expected,
          1e-5,
        );
      }
      for (const [name, buffer] of block.buffers())
        await expectClose(buffer, fixture.buffers_after[name], 1e-5);
      await expectClose(apply(block, x, { training: false }), fromNchw(fixture.eval_output), 1e-5);
    });
  }

  const { layers } = golden('layers');
  it('max pooling has a margin that never wins, forwards and backwards', async () => {
    const { input, output, grad_output, grad_input } = layers.maxpool_k3_s2_p1;
    const x = fromNchw(input);
    const pooled = maxPool(x, { training: true, views: 1, recorded: true });
    await expectClose(pooled.y, fromNchw(output), 1e-6);
    await expectClose(
      pooled.backward!(fromNchw(grad_output), () => {}),
      fromNchw(grad_input),
      1e-6,
    );
  });

  it('a layer that nobody differentiates leaves no tensors', () => {
    const network = new ResNet18(random(), { ...settings, width: 8, bnSplits: 2 });
    const x = tf.zeros([4, 8, 8, 3]);
    const before = tf.memory().numTensors;
    tf.tidy(() => {
      apply(network, x);
      apply(network, x, { training: false });
    });
    assert.equal(tf.memory().numTensors, before);
  });

  it('views in one call are normalized apart, and update the running statistics one after the other', async () => {
    const make = () => new ResNet18(random(), { ...settings, width: 8, bnSplits: 2 });
    const [together, apart] = [make(), make()];
    const first = tf.randomNormal([4, 8, 8, 3], 0, 1, 'float32', 1);
    const second = tf.randomNormal([4, 8, 8, 3], 2, 3, 'float32', 2);
    const joint = apply(together, tf.concat([first, second], 0), { views: 2 });
    await expectClose(joint, tf.concat([apply(apart, first), apply(apart, second)], 0), 1e-5);
    for (const [name, buffer] of together.buffers())
      await expectClose(buffer, apart.buffers().get(name)!, 1e-5);
  });
});

describe('Architecture', () => {
  const {
    backbone,
    heads,
    mnn_parameter_counts: counts,
    init_statistics_seed1339: statistics,
  } = golden('architecture');
  const shapes = (variables: NamedVariables) => [...variables].map(([name, v]) => [name, pyTorchShape(v)]);
  const count = (variables: NamedVariables) => [...variables.values()].reduce((sum, v) => sum + v.size, 0);

  for (const [dataset, pool] of [
    ['cifar10', false],
    ['stl10', true],
  ] as const) {
    it(`the backbone for ${dataset} has the authors' parameters, in their order`, () => {
      const network = new ResNet18(random(), { ...settings, maxPool: pool });
      const named = shapes(network.parameters()).map(([name, shape]) => [
        authorsName(name as string, pool),
        shape,
      ]);
      assert.deepEqual(named, backbone[dataset].conv_linear_bn);
      assert.equal(count(network.parameters()), counts.net);
    });
  }

  it("the heads have the authors' parameters and statistics", () => {
    const projection = byolHeads.projection(random(), { ins: 512, hidden: 2048, outs: 128 }, true);
    const prediction = byolHeads.prediction!(random(), { ins: 128, hidden: 2048, outs: 128 }, true);
    for (const [head, expected] of [
      [projection, heads.projection_head],
      [prediction, heads.prediction_head],
    ] as const) {
      const known = new Map(
        shapes(new Map([...head.parameters(), ...head.buffers()])) as [string, number[]][],
      );
      for (const [name, shape] of expected) {
        if (!name.endsWith('num_batches_tracked')) assert.deepEqual(known.get(name), shape, name);
      }
    }
    assert.equal(count(projection.parameters()), counts.projection_head);
    assert.equal(count(prediction.parameters()), counts.prediction_head);
  });

  it("convolutions start as spread out as the authors'", async () => {
    const network = new ResNet18(random(), settings);
    for (const [name, parameter] of network.parameters()) {
      const expected = statistics[authorsName(name, false)];
      if (!expected) continue;
      const [variance] = await tf.moments(parameter).variance.data();
      const std = Math.sqrt(variance);
      // Five standard errors of the difference of two samples.
      const tolerance = 5 / Math.sqrt(parameter.size);
      assert.ok(Math.abs(std / expected.std - 1) < tolerance, `${name}: ${std} against ${expected.std}`);
    }
  });
});

function pyTorchShape({ shape }: Variable): number[] {
  if (shape.length === 4) return [shape[3]!, shape[2]!, shape[0]!, shape[1]!];
  return [...shape].reverse();
}
