import assert from 'node:assert/strict';
import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import { randomStream } from '../../lib/core/random';
import { tf } from '../../lib/engine/tf';
import { MemoryBank } from '../../lib/methods';
import { describeEachEngine, expectClose, tensorOf } from '../engines';
import { golden } from '../golden';

const newBank = (size: number, dim: number) => new MemoryBank(randomStream(1, 'memory-bank'), size, dim);

describeEachEngine('Memory bank', () => {
  it('starts with random unit vectors without labels', async () => {
    const bank = newBank(50, 8);
    const { keys, labels } = Object.fromEntries(bank.variables());
    await expectClose(tf.norm(keys, 2, 1), tf.ones([50]), 1e-5);
    assert.deepEqual([...(await labels.data())], Array(50).fill(-1));
    const [mean] = await tf.mean(keys).data();
    const [spread] = await tf.moments(keys).variance.data();
    assert.ok(Math.abs(mean) < 0.06 && Math.abs(spread - 1 / 8) < 0.01, `${mean} ${spread}`);
  });

  for (const { size, batch_size, dim, initial_bank, steps } of golden('memory_bank').sequences) {
    it(`fills as the authors': ${size} slots, batches of ${batch_size}`, async () => {
      const bank = newBank(size, dim);
      const { keys, labels } = Object.fromEntries(bank.variables());
      keys.assign(tf.transpose(tensorOf(initial_bank)));
      for (const step of steps) {
        await expectClose(tf.transpose(keys), step.returned_bank, 0);
        bank.enqueue(tensorOf(step.batch) as Tensor2D, tf.tensor1d(step.labels.data ?? step.labels, 'int32'));
        await expectClose(tf.transpose(keys), step.bank_after, 0);
        assert.deepEqual([...(await labels.data())], step.labels_after.data ?? step.labels_after);
        assert.equal(bank.pointer, step.ptr_after);
      }
    });
  }

  const fixture = golden('mnn_loss');
  for (const topK of [1, 5]) {
    it(`finds the ${topK} nearest keys by cosine, and how pure they are`, async () => {
      const bank = newBank(fixture.bank_size, fixture.dim);
      const { keys, labels } = Object.fromEntries(bank.variables());
      keys.assign(tensorOf(fixture.bank));
      labels.assign(tf.tensor1d(fixture.bank_labels.data, 'int32'));
      const own = tf.tensor1d(fixture.labels.data, 'int32') as Tensor1D;
      const { embeddings, purity } = bank.search(tensorOf(fixture.z_k) as Tensor2D, own, topK);
      const indices = tf.tensor1d(fixture[`topk${topK}_indices`].data, 'int32');
      await expectClose(tf.reshape(embeddings, [5 * topK, fixture.dim]), tf.gather(keys, indices), 0);
      const expected = fixture.upstream.find(({ topk }: { topk: number }) => topk === topK).purity;
      await expectClose(purity, { shape: [], data: [expected] }, 1e-6);
    });
  }
});
