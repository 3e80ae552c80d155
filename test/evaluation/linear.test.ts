import assert from 'node:assert/strict';
import { UserError } from '../../lib/core/errors';
import { tf } from '../../lib/engine/tf';
import { type LinearEpoch, linearEvaluation, topKAccuracy } from '../../lib/evaluation';
import { createLearner } from '../../lib/methods';
import { describeEachEngine, valuesOf } from '../engines';
import { failure, tinyConfig, tinyDataset } from '../training/tiny-run';

describeEachEngine(
  'Linear evaluation',
  () => {
    const dataset = tinyDataset();
    const linear = (settings: object) => tinyConfig('untrained', { evaluation: { linear: settings } });

    it('reports every epoch: learning rate, mean loss and accuracies', async () => {
      const config = linear({ epochs: 3, lr: 0.5, milestones: [2] });
      const { backbone } = createLearner(config);
      const told: LinearEpoch[] = [];
      const curve = await linearEvaluation(backbone, dataset, config, {
        onEpoch: (epoch, epochs, logits) => {
          told.push(epoch);
          assert.equal(epochs, 3);
          assert.equal(topKAccuracy(logits, dataset.test.labels, 10, 1), epoch.top1);
        },
      });
      assert.deepEqual(told, curve);
      assert.deepEqual(
        curve.map(({ epoch, lr }) => [epoch, lr]),
        [
          [1, 0.5],
          [2, 0.5],
          [3, 0.05],
        ],
      );
      for (const { loss, top1, top5 } of curve)
        assert.ok(loss > 0 && 0 <= top1 && top1 <= top5 && top5 <= 100);
    });

    it('learns: the loss falls', async () => {
      const config = linear({ epochs: 8, lr: 0.5, milestones: [] });
      const curve = await linearEvaluation(createLearner(config).backbone, dataset, config);
      assert.ok(curve[7].loss < curve[0].loss, `${curve[0].loss} ${curve[7].loss}`);
    });

    it('gives the same bits every time, changes no weight and leaves no tensors behind', async () => {
      const config = tinyConfig('untrained');
      const { backbone } = createLearner(config);
      const bits = () => valuesOf([...backbone.parameters(), ...backbone.buffers()]);
      const before = await bits();
      const curve = await linearEvaluation(backbone, dataset, config);
      const { numTensors } = tf.memory();
      assert.deepEqual(await linearEvaluation(backbone, dataset, config), curve);
      assert.equal(tf.memory().numTensors, numTensors);
      assert.deepEqual(await bits(), before);
      assert.deepEqual(await linearEvaluation(backbone, dataset, config, { workers: 0 }), curve);
      const other = await linearEvaluation(backbone, dataset, { ...config, seed: 7 });
      assert.notDeepEqual(other, curve);
    });

    it('gives the process a turn after every batch, in which it can answer a signal', async () => {
      const config = linear({ epochs: 3, lr: 0.5, milestones: [] });
      let batches = 0;
      let turns = 0;
      const onImages = () => {
        assert.equal(turns, batches);
        batches++;
        setImmediate(() => turns++);
      };
      await linearEvaluation(createLearner(config).backbone, dataset, config, { onImages });
      assert.equal(batches, 1 + 6, 'the test images, and 3 epochs of 2 batches');
    });

    it('of 0 epochs is none', async () => {
      const config = linear({ epochs: 0 });
      assert.deepEqual(await linearEvaluation(createLearner(config).backbone, dataset, config), []);
    });

    it('says so when its loss is no number any more', async () => {
      const config = linear({ epochs: 2, lr: 1e38 });
      const work = linearEvaluation(createLearner(config).backbone, dataset, config);
      await failure(work, UserError, /loss of the linear evaluation became \S+ in epoch 1/, /smaller .*lr/);
    });
  },
  { training: true },
);
