import assert from 'node:assert/strict';
import { tf } from '../../lib/engine/tf';
import { extractFeatures, testView } from '../../lib/evaluation';
import { createLearner } from '../../lib/methods';
import { apply } from '../../lib/models';
import { describeEachEngine, expectClose, valuesOf } from '../engines';
import { tinyConfig, tinyDataset } from '../training/tiny-run';

describeEachEngine('Features', () => {
  it('are the network in evaluation mode on normalized images', async () => {
    const { train, normalization } = tinyDataset();
    const view = testView(train, normalization, 3, 2);
    assert.deepEqual(view.shape, [2, 16, 16, 3]);
    const [mean, std] = [normalization.mean[1], normalization.std[1]];
    const green = (train.pixels[3 * 16 * 16 * 3 + 1] / 255 - mean) / std;
    assert.ok(Math.abs((await view.data())[1] - green) < 1e-6);
    const { backbone } = createLearner(tinyConfig());
    const features = await extractFeatures(backbone, train, normalization);
    assert.deepEqual(features.shape, [30, 32]);
    const two = apply(backbone, view, { training: false });
    await expectClose(tf.slice(features, [3, 0], [2, -1]), two, 1e-5);
  });

  it('do not depend on the other images of a batch', async () => {
    const { train, normalization } = tinyDataset();
    const { backbone } = createLearner(tinyConfig());
    // Training mode first, so that the running statistics are not those of the start.
    apply(backbone, testView(train, normalization, 0, 20));
    const whole = await extractFeatures(backbone, train, normalization);
    const size = 16 * 16 * 3;
    for (const [first, count] of [
      [0, 1],
      [7, 1],
      [20, 10],
    ]) {
      const pixels = train.pixels.slice(first * size, (first + count) * size);
      const part = await extractFeatures(backbone, { count, size: 16, pixels }, normalization);
      await expectClose(part, tf.slice(whole, [first, 0], [count, -1]), 1e-5);
    }
  });

  it('leave the running statistics alone', async () => {
    const { train, normalization } = tinyDataset();
    const { backbone } = createLearner(tinyConfig());
    const before = await valuesOf(backbone.buffers());
    await extractFeatures(backbone, train, normalization);
    assert.deepEqual(await valuesOf(backbone.buffers()), before);
  });

  it('of more images than go through at once come in their order', async () => {
    const { train, normalization } = tinyDataset();
    const { backbone } = createLearner(tinyConfig());
    const copies = 10;
    const pixels = new Uint8Array(copies * train.pixels.length);
    for (let i = 0; i < copies; i++) pixels.set(train.pixels, i * train.pixels.length);
    const once = await extractFeatures(backbone, train, normalization);
    const many = await extractFeatures(backbone, { count: 300, size: 16, pixels }, normalization);
    await expectClose(many, tf.tile(once, [copies, 1]), 1e-5);
  });
});
