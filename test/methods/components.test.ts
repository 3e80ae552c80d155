import assert from 'node:assert/strict';
import type { Tensor1D, Tensor2D, Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';
import type { RunConfig } from '../../lib/config/run-config';
import { normalize } from '../../lib/engine';
import { tf } from '../../lib/engine/tf';
import { createLearner, nnclrLoss, snclrLoss, viewsOf } from '../../lib/methods';
import { presetConfig } from '../../lib/presets/presets';
import { stepDraws } from '../../lib/training';
import { describeEachEngine, expectClose, tensorOf } from '../engines';
import { golden } from '../golden';

/** A step that takes no time. */
function config(method: string, options: RunConfig['options']): RunConfig {
  const override = {
    model: { width: 4, bnSplits: 2, hidden: 16, dim: 8 },
    training: { batchSize: 10, cropSize: 16 },
  };
  return presetConfig({ preset: 'quick', dataset: 'shapes10', method, options, override });
}

/** The loss of the first step, on images that are the same for every method. */
async function firstLoss(method: string, options: RunConfig['options']): Promise<number> {
  const run = config(method, { memoryBank: 24, ...options });
  const views = viewsOf(run).map((_, i) => tf.randomUniform([10, 16, 16, 3], -1, 1, 'float32', i + 1));
  const batch = { views: views as Tensor4D[], labels: tf.range(0, 10, 1, 'int32') as Tensor1D };
  const { loss } = createLearner(run).step(batch, stepDraws(1, 0));
  return (await loss.data())[0];
}

const mnnOptions = { weighting: 'mnn', mixing: 'norm3' };

describeEachEngine(
  "MNN's components",
  () => {
    it('make MNN of MSF, and without them MNN is MSF', async () => {
      assert.equal(await firstLoss('msf', mnnOptions), await firstLoss('mnn', {}));
      const without = { weighting: 'equal', mixing: 'none' };
      assert.equal(await firstLoss('mnn', without), await firstLoss('msf', {}));
      assert.notEqual(await firstLoss('mnn', {}), await firstLoss('msf', {}));
    });

    it('make MNN of BYOL, once it has neighbors', async () => {
      assert.equal(await firstLoss('byol', { topK: 5, ...mnnOptions }), await firstLoss('mnn', {}));
    });

    for (const method of ['nnclr', 'snclr', 'cmsf']) {
      it(`each change the loss of ${method}`, async () => {
        const changes: RunConfig['options'][] = [
          { weighting: 'mnn' },
          { mixing: 'norm2', lambda: 0.3 },
          { ...mnnOptions, lambda: 0.3 },
        ];
        const losses = [await firstLoss(method, {})];
        for (const options of changes) losses.push(await firstLoss(method, options));
        assert.ok(losses.every(Number.isFinite), losses.join());
        assert.equal(new Set(losses).size, losses.length, losses.join());
      });
    }

    it('leave the neighbors with lambda 1 as they are, and with lambda 0 put the key in their place', async () => {
      for (const method of ['nnclr', 'snclr', 'cmsf', 'msf']) {
        const plain = await firstLoss(method, {});
        const all = await firstLoss(method, { mixing: 'norm3', lambda: 1 });
        assert.ok(Math.abs(plain - all) < 1e-5 * plain, `${method}: ${plain}, ${all}`);
      }
      const [one, five] = [
        await firstLoss('mnn', { lambda: 0, topK: 1 }),
        await firstLoss('mnn', { lambda: 0 }),
      ];
      assert.ok(Math.abs(one - five) < 1e-5);
    });
  },
  { training: true },
);

describeEachEngine("MNN's weights", () => {
  const fixture = golden('baselines');
  const take = () => {
    const [p, z, k, bank] = ['p_q', 'z_q', 'z_k', 'bank'].map((name) =>
      tensorOf(fixture[name]),
    ) as Tensor2D[];
    const flat = tf.tensor1d(fixture.neighbors_of_z_k_top5.data, 'int32');
    const neighbors = normalize(tf.reshape(tf.gather(bank, flat), [4, 5, 6]) as Tensor3D);
    return { p, z, k, neighbors };
  };

  it('in SNCLR are 1 for the key and the mean over the neighbors', async () => {
    const { p, z, k, neighbors } = take();
    const settings = { temperature: 0.2, threshold: false };
    const loss = snclrLoss(p, z, k, neighbors, { ...settings, weighting: 'mnn' });
    const columns = tf.concat([normalize(k), tf.reshape(neighbors, [20, 6])], 0) as Tensor2D;
    const log = tf.logSoftmax(tf.div(tf.matMul(normalize(p), columns, false, true), 0.2));
    const rows = (await log.array()) as number[][];
    const expected = rows.map((row, i) => {
      const own = row.slice(4 + 5 * i, 9 + 5 * i).reduce((a, b) => a + b, 0);
      return -(row[i] + own / 5);
    });
    await expectClose(loss, tf.mean(tf.tensor1d(expected)), 1e-5);
  });

  it('in NNCLR make what the prediction has to find a mean and not a sum', async () => {
    const { p, neighbors } = take();
    const single = Array.from({ length: 5 }, (_, r) => tf.slice(neighbors, [0, r, 0], [4, 1, 6]) as Tensor3D);
    // With the neighbors all alike, the mean over five is the one, apart from five times as many to tell from.
    const alike = tf.concat(Array(5).fill(single[0]), 1) as Tensor3D;
    const [one] = await nnclrLoss(p, single[0], 0.2).data();
    const [five] = await nnclrLoss(p, alike, 0.2, 1 / 5).data();
    assert.ok(Math.abs(five - (one + Math.log(5) / 2)) < 1e-5, `${one}, ${five}`);
  });
});
