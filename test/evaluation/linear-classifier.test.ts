import assert from 'node:assert/strict';
import type { Tensor2D } from '@tensorflow/tfjs-core';
import { tf } from '../../lib/engine/tf';
import { LinearClassifier, topKAccuracy } from '../../lib/evaluation';
import { stepSchedule } from '../../lib/training';
import { describeEachEngine, expectClose, tensorOf } from '../engines';
import { golden } from '../golden';

describeEachEngine('Linear classifier', () => {
  it('starts with small normal weights and no bias, from the seed alone', async () => {
    const { weight, bias } = new LinearClassifier(1, 200, 50);
    const { mean, variance } = tf.moments(weight);
    assert.ok(Math.abs((await mean.data())[0]) < 5e-4);
    assert.ok(Math.abs(Math.sqrt((await variance.data())[0]) - 0.01) < 3e-4);
    assert.deepEqual([...(await bias.data())], Array(50).fill(0));
    const values = await weight.data();
    assert.deepEqual(values, await new LinearClassifier(1, 200, 50).weight.data());
    assert.notDeepEqual(values, await new LinearClassifier(2, 200, 50).weight.data());
  });

  const fixture = golden('linear_eval');
  const exact = fixture.runs.find(({ dtype }: { dtype: string }) => dtype === 'float64');

  it("learns as the authors' code: losses, accuracies and final weights", async () => {
    const { features, labels, test_features, test_labels, batch_size, sample_order, milestones } = fixture;
    const [classes, dim] = fixture.initial_weight.shape;
    const classifier = new LinearClassifier(0, dim, classes);
    classifier.weight.assign(tf.transpose(tensorOf(fixture.initial_weight)));
    const rates = stepSchedule(fixture.optimizer.lr, exact.epochs.length, milestones);
    const best = { top1: 0, top5: 0 };
    for (const { epoch, lr, losses, top1, top5, best_top1, best_top5 } of exact.epochs) {
      assert.ok(Math.abs(rates[epoch] - lr) < 1e-12);
      for (const [step, expected] of losses.entries()) {
        const rows: number[] = sample_order[epoch].slice(step * batch_size, (step + 1) * batch_size);
        const batch = tf.gather(tensorOf(features), tf.tensor1d(rows, 'int32')) as Tensor2D;
        const own = Int32Array.from(rows, (row) => labels.data[row]);
        const loss = await classifier.trainStep(batch, own, rates[epoch]);
        assert.ok(Math.abs(loss - expected) <= 1e-5 * expected, `${epoch}.${step}: ${loss}, not ${expected}`);
      }
      const logits = classifier.logits(tensorOf(test_features) as Tensor2D);
      const scores = (await logits.data()) as Float32Array;
      const targets = Int32Array.from(test_labels.data);
      const now = {
        top1: topKAccuracy(scores, targets, classes, 1),
        top5: topKAccuracy(scores, targets, classes, 5),
      };
      for (const k of ['top1', 'top5'] as const) best[k] = Math.max(best[k], now[k]);
      const got = [now.top1, now.top5, best.top1, best.top5];
      for (const [i, expected] of [top1, top5, best_top1, best_top5].entries()) {
        assert.ok(Math.abs(got[i] - expected) < 1e-6, `epoch ${epoch}: ${got}`);
      }
    }
    await expectClose(tf.transpose(classifier.weight), exact.weight, 1e-5);
    await expectClose(classifier.bias, exact.bias, 1e-5);
  });

  it('leaves no tensors behind', async () => {
    const features = tensorOf(fixture.features) as Tensor2D;
    const labels = Int32Array.from(fixture.labels.data);
    const { numTensors } = tf.memory();
    const classifier = new LinearClassifier(0, 6, 7);
    await classifier.trainStep(features, labels, 1);
    classifier.logits(features).dispose();
    classifier.dispose();
    assert.equal(tf.memory().numTensors, numTensors);
  });
});
