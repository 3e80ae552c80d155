import assert from 'node:assert/strict';
import type { Tensor1D, Tensor2D, Tensor3D } from '@tensorflow/tfjs-core';
import { tf } from '../../lib/engine';
import { distances, type Mixing, mixNeighbours, mnnLoss, msfLoss } from '../../lib/methods';
import { describeEachEngine, expectClose, tensorOf } from '../engines';
import { golden } from '../golden';

describeEachEngine('MNN loss', () => {
  const fixture = golden('mnn_loss');
  const take = (topK: number) => {
    const [predictions, keys, bank] = [fixture.p_q, fixture.z_k, fixture.bank].map(tensorOf) as Tensor2D[];
    const indices = fixture[`topk${topK}_indices`].data;
    const neighbours = tf.reshape(tf.gather(bank, tf.tensor1d(indices, 'int32')), [5, topK, 8]) as Tensor3D;
    return { predictions, keys, neighbours };
  };

  for (const { topk, norm_variant, lamda, loss, grad_p_q } of fixture.upstream.filter(float64)) {
    it(`equals the authors': ${norm_variant}, K ${topk}, lambda ${lamda}`, async () => {
      const { predictions, keys, neighbours } = take(topk);
      const both = tf.valueAndGrad((p) =>
        mnnLoss(p as Tensor2D, keys, neighbours, lamda, norm_variant as Mixing),
      );
      const { value, grad } = both(predictions);
      await expectClose(value, { shape: [], data: [loss] }, 1e-5);
      await expectClose(grad, grad_p_q, 1e-5);
    });
  }

  for (const { topk, norm_variant, lamda, mixed_targets, loss, grad_p_q } of fixture.own_float64) {
    it(`mixes neighbours as specified: ${norm_variant}, K ${topk}, lambda ${lamda}`, async () => {
      const { predictions, keys, neighbours } = take(topk);
      await expectClose(mixNeighbours(keys, neighbours, lamda, norm_variant), mixed_targets, 1e-5);
      const both = tf.valueAndGrad((p) => mnnLoss(p as Tensor2D, keys, neighbours, lamda, norm_variant));
      const { value, grad } = both(predictions);
      await expectClose(value, { shape: [], data: [loss] }, 1e-5);
      await expectClose(grad, grad_p_q, 1e-5);
    });
  }

  it('with norm3 is (2 - lambda) key distances plus lambda neighbour distances', async () => {
    const { predictions, keys, neighbours } = take(5);
    const unit = (x: Tensor3D) => tf.div(x, tf.norm(x, 2, -1, true)) as Tensor3D;
    const [key] = await tf.mean(distances(predictions, unit(tf.expandDims(keys, 1) as Tensor3D))).data();
    const [neighbour] = await tf.mean(distances(predictions, unit(neighbours))).data();
    const [loss] = await mnnLoss(predictions, keys, neighbours, 0.3, 'norm3').data();
    assert.ok(Math.abs(loss - (1.7 * key + 0.3 * neighbour)) < 1e-5);
  });
});

describeEachEngine('MSF loss', () => {
  const fixture = golden('baselines');
  for (const { topk, loss, grads } of fixture.cases.filter(float64).filter(method('msf'))) {
    it(`equals the authors' benchmark: K ${topk}`, async () => {
      const [predictions, keys, bank] = [fixture.p_q, fixture.z_k, fixture.bank].map(tensorOf) as Tensor2D[];
      const nearest = tf.slice(tensorOf(fixture.neighbours_of_z_k_top5), [0, 0], [-1, topk]);
      const flat = tf.reshape(tf.cast(nearest, 'int32'), [-1]) as Tensor1D;
      const neighbours = tf.reshape(tf.gather(bank, flat), [4, topk, 6]) as Tensor3D;
      const { value, grad } = tf.valueAndGrad((p) => msfLoss(p as Tensor2D, keys, neighbours))(predictions);
      await expectClose(value, { shape: [], data: [loss] }, 1e-5);
      await expectClose(grad, grads.p_q, 1e-5);
    });
  }
});

function float64({ dtype }: { dtype: string }): boolean {
  return dtype === 'float64';
}

function method(name: string): (fixture: { method: string }) => boolean {
  return (fixture) => fixture.method === name;
}
