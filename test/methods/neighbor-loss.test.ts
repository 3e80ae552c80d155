import assert from 'node:assert/strict';
import type { Tensor2D, Tensor3D } from '@tensorflow/tfjs-core';
import { tf } from '../../lib/engine/tf';
import { distances, mixNeighbors, type NeighborOptions, neighborLoss } from '../../lib/methods';
import { describeEachEngine, expectClose, tensorOf } from '../engines';
import { golden } from '../golden';
import { float64, noDraws } from './fixtures';

describeEachEngine('The loss of neighbors', () => {
  const fixture = golden('mnn_loss');
  const take = (topK: number) => {
    const [predictions, keys, bank] = [fixture.p_q, fixture.z_k, fixture.bank].map(tensorOf) as Tensor2D[];
    const indices = fixture[`topk${topK}_indices`].data;
    const neighbors = tf.reshape(tf.gather(bank, tf.tensor1d(indices, 'int32')), [5, topK, 8]) as Tensor3D;
    return { predictions, keys, neighbors };
  };
  const lossAndGradient = (topK: number, options: NeighborOptions) => {
    const { predictions, keys, neighbors } = take(topK);
    const loss = (p: unknown) => neighborLoss(p as Tensor2D, keys, neighbors, options, noDraws);
    return tf.valueAndGrad(loss)(predictions);
  };

  for (const { topk, norm_variant: mixing, lamda: lambda, loss, grad_p_q } of fixture.upstream.filter(
    float64,
  )) {
    it(`equals the authors' MNN: ${mixing}, K ${topk}, lambda ${lambda}`, async () => {
      const { value, grad } = lossAndGradient(topk, { weighting: 'mnn', mixing, lambda });
      await expectClose(value, { shape: [], data: [loss] }, 1e-5);
      await expectClose(grad, grad_p_q, 1e-5);
    });
  }

  for (const {
    topk,
    norm_variant: mixing,
    lamda: lambda,
    mixed_targets,
    loss,
    grad_p_q,
  } of fixture.own_float64) {
    it(`mixes neighbors as specified: ${mixing}, K ${topk}, lambda ${lambda}`, async () => {
      const { keys, neighbors } = take(topk);
      await expectClose(mixNeighbors(keys, neighbors, lambda, mixing), mixed_targets, 1e-5);
      const { value, grad } = lossAndGradient(topk, { weighting: 'mnn', mixing, lambda });
      await expectClose(value, { shape: [], data: [loss] }, 1e-5);
      await expectClose(grad, grad_p_q, 1e-5);
    });
  }

  it('with norm3 is (2 - lambda) key distances plus lambda neighbor distances', async () => {
    const { predictions, keys, neighbors } = take(5);
    const unit = (x: Tensor3D) => tf.div(x, tf.norm(x, 2, -1, true)) as Tensor3D;
    const [key] = await tf.mean(distances(predictions, unit(tf.expandDims(keys, 1) as Tensor3D))).data();
    const [neighbor] = await tf.mean(distances(predictions, unit(neighbors))).data();
    const [loss] = await lossAndGradient(5, { weighting: 'mnn', mixing: 'norm3', lambda: 0.3 }).value.data();
    assert.ok(Math.abs(loss - (1.7 * key + 0.3 * neighbor)) < 1e-5);
  });

  it('with equal weights is the mean over key and neighbors, mixed or not', async () => {
    const { predictions, keys, neighbors } = take(5);
    const key = tf.div(tf.expandDims(keys, 1), tf.norm(tf.expandDims(keys, 1), 2, -1, true)) as Tensor3D;
    const mixed = mixNeighbors(keys, neighbors, 0.3, 'norm2');
    const mean = tf.mean(distances(predictions, tf.concat([key, mixed], 1)));
    const { value } = lossAndGradient(5, { weighting: 'equal', mixing: 'norm2', lambda: 0.3 });
    await expectClose(value, mean, 1e-6);
  });

  it('draws a lambda only where it is random and something is mixed', async () => {
    const { predictions, keys, neighbors } = take(5);
    const lambdas = [0.25];
    const draws = { ...noDraws, uniform: () => lambdas.shift() ?? assert.fail('drawn twice') };
    const loss = (options: NeighborOptions) => neighborLoss(predictions, keys, neighbors, options, draws);
    const random = loss({ weighting: 'mnn', mixing: 'norm3', lambda: 'random' });
    const fixed = loss({ weighting: 'mnn', mixing: 'norm3', lambda: 0.25 });
    assert.deepEqual(await random.data(), await fixed.data());
    loss({ weighting: 'mnn', mixing: 'none', lambda: 'random' });
  });
});
