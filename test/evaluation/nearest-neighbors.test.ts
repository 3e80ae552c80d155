import assert from 'node:assert/strict';
import type { Tensor2D } from '@tensorflow/tfjs-core';
import { UserError } from '../../lib/core/errors';
import { tf } from '../../lib/engine/tf';
import { nearestNeighborAccuracy, nearestNeighborScores, rawPixelAccuracy } from '../../lib/evaluation';
import { createLearner } from '../../lib/methods';
import { describeEachEngine, tensorOf } from '../engines';
import { golden } from '../golden';
import { failure, tinyConfig, tinyDataset } from '../training/tiny-run';

/** Classes of each row from the highest score to the lowest. */
function ranked(scores: Float64Array, classes: number): number[] {
  return Array.from({ length: scores.length / classes }, (_, row) => {
    const own = scores.subarray(row * classes, (row + 1) * classes);
    return Array.from(own.keys()).sort((a, b) => own[b] - own[a]);
  }).flat();
}

describeEachEngine('Nearest-neighbor evaluation', () => {
  const { bank, bank_labels, queries, classes, cases } = golden('knn');
  const labels = Int32Array.from(bank_labels.data);

  for (const { k, temperature, scores: expected, ranked_classes } of cases) {
    it(`votes as the authors' code: k ${k}, temperature ${temperature}`, async () => {
      const [rows, asked] = [tensorOf(bank) as Tensor2D, tensorOf(queries) as Tensor2D];
      const scores = await nearestNeighborScores(rows, labels, asked, classes, { k, temperature });
      // An error e of a similarity is one of e / temperature, relative, of its vote.
      const tolerance = 1e-6 / temperature;
      for (const [i, score] of scores.entries()) {
        const want = expected.data[i];
        assert.ok(Math.abs(score - want) <= tolerance * Math.max(want, 1), `${i}: ${score}, not ${want}`);
      }
      assert.deepEqual(ranked(scores, classes), ranked_classes.data);
    });
  }

  it('does not mind how long the vectors are', async () => {
    const options = { k: 10, temperature: 0.1 };
    const [rows, asked] = [tensorOf(bank) as Tensor2D, tensorOf(queries) as Tensor2D];
    const before = await nearestNeighborScores(rows, labels, asked, classes, options);
    const lengths = tf.range(1, 41).reshape([40, 1]);
    const longer = tf.mul(rows, lengths) as Tensor2D;
    const after = await nearestNeighborScores(longer, labels, tf.mul(asked, 7), classes, options);
    for (const [i, score] of after.entries())
      assert.ok(Math.abs(score - before[i]) <= 1e-4 * Math.max(1, score));
  });

  it('gives the same scores to the same query among the first 256 and after them', async () => {
    const [rows, asked] = [tensorOf(bank) as Tensor2D, tensorOf(queries) as Tensor2D];
    const many = tf.tile(asked, [40, 1]) as Tensor2D;
    const options = { k: 10, temperature: 0.1 };
    const scores = await nearestNeighborScores(rows, labels, many, classes, options);
    assert.equal(scores.length, 280 * classes);
    const last = scores.subarray(273 * classes);
    for (const [i, score] of last.entries())
      assert.ok(Math.abs(score - scores[i]) <= 1e-4 * Math.max(1, score));
  });

  it('refuses more neighbors than there are images', async () => {
    const [rows, asked] = [tensorOf(bank) as Tensor2D, tensorOf(queries) as Tensor2D];
    const work = nearestNeighborScores(rows, labels, asked, classes, { k: 41, temperature: 0.1 });
    await failure(work, UserError, /k 41 is more than the 40 images/, /smaller evaluation\.knnK/);
  });

  it('gives a network the same accuracy every time, and leaves no tensors behind', async () => {
    const { backbone } = createLearner(tinyConfig('untrained'));
    const dataset = tinyDataset();
    const options = { k: 5, temperature: 0.1 };
    const accuracy = await nearestNeighborAccuracy(backbone, dataset, options);
    const { numTensors } = tf.memory();
    assert.equal(await nearestNeighborAccuracy(backbone, dataset, options), accuracy);
    assert.equal(tf.memory().numTensors, numTensors);
    assert.ok(accuracy >= 0 && accuracy <= 100);
    const stop = (told: number) => () => {
      if (--told < 0) throw new Error('enough');
    };
    for (const told of [0, 1]) {
      const work = nearestNeighborAccuracy(backbone, dataset, options, stop(told));
      await failure(work, Error, /enough/);
      assert.equal(tf.memory().numTensors, numTensors);
    }
  });

  it('finds images again that it has seen, by network and by pixels', async () => {
    const { backbone } = createLearner(tinyConfig('untrained'));
    const dataset = tinyDataset();
    const seen = { ...dataset, test: dataset.train };
    const options = { k: 1, temperature: 0.1 };
    assert.equal(await nearestNeighborAccuracy(backbone, seen, options), 100);
    assert.equal(await rawPixelAccuracy(seen, options), 100);
  });

  it('compares pixels part by part with the same votes', async () => {
    const dataset = tinyDataset();
    const whole = await rawPixelAccuracy(dataset, { k: 5, temperature: 0.1 });
    assert.ok(whole > 10 && whole < 100, `${whole} tells nothing`);
    const { numTensors } = tf.memory();
    for (const images of [1, 3, 7]) {
      const blockValues = images * dataset.imageSize ** 2 * 3;
      assert.equal(await rawPixelAccuracy(dataset, { k: 5, temperature: 0.1 }, { blockValues }), whole);
    }
    assert.equal(tf.memory().numTensors, numTensors);
    const work = rawPixelAccuracy(dataset, { k: dataset.train.count + 1, temperature: 0.1 });
    await failure(work, UserError, /is more than the \d+ images to search in/);
  });

  it('says after every part of the pixels how far it is, and can be stopped there', async () => {
    const dataset = tinyDataset();
    const blockValues = 10 * dataset.imageSize ** 2 * 3;
    const told: number[][] = [];
    const { numTensors } = tf.memory();
    const onPart = (...progress: number[]) => {
      told.push(progress);
      if (told.length === 4) throw new UserError('enough');
    };
    const work = rawPixelAccuracy(dataset, { k: 5, temperature: 0.1 }, { blockValues, onPart });
    await failure(work, UserError, /enough/);
    assert.deepEqual(
      told,
      [1, 2, 3, 4].map((done) => [done, 6]),
    );
    assert.equal(tf.memory().numTensors, numTensors);
  });

  it('compares pixels without regard to brightness and contrast', async () => {
    const dataset = tinyDataset();
    const { train } = dataset;
    const paler = { ...train, pixels: train.pixels.map((value) => 100 + Math.round(value / 2)) };
    assert.equal(await rawPixelAccuracy({ ...dataset, test: paler }, { k: 1, temperature: 0.1 }), 100);
  });
});
