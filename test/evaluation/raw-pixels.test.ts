import assert from 'node:assert/strict';
import { UserError } from '../../lib/core/errors';
import { allocatePixels, type Dataset, type LabeledImages } from '../../lib/data';
import { tf } from '../../lib/engine';
import { rawPixelBaselines, rawPixelLinearAccuracy } from '../../lib/evaluation';
import { describeEachEngine } from '../engines';
import { failure, tinyDataset } from '../training/tiny-run';

describeEachEngine('A linear classifier on raw pixels', () => {
  it('learns what one pixel gives away, however small its share of the image', async () => {
    assert.equal(await rawPixelLinearAccuracy(onePixelDataset(), { workers: 0 }), 100);
  });

  it('gives the same accuracy every time and with any number of workers, and leaves no tensors', async () => {
    const dataset = tinyDataset();
    const accuracy = await rawPixelLinearAccuracy(dataset, { workers: 0 });
    const { numTensors } = tf.memory();
    assert.equal(await rawPixelLinearAccuracy(dataset, { workers: 0 }), accuracy);
    assert.equal(await rawPixelLinearAccuracy(dataset, { workers: 1 }), accuracy);
    assert.equal(tf.memory().numTensors, numTensors);
  });

  it('reports how far it is, and can be stopped there', async () => {
    const dataset = tinyDataset();
    const reported: number[][] = [];
    await rawPixelLinearAccuracy(dataset, { workers: 0, onImages: (...progress) => reported.push(progress) });
    assert.deepEqual(reported[0], [20, 620], 'the test images, of these and 20 epochs of 30 images');
    assert.deepEqual(reported.at(-1), [620, 620]);
    const { numTensors } = tf.memory();
    let calls = 0;
    const onImages = () => {
      if (++calls === 3) throw new UserError('enough');
    };
    await failure(rawPixelLinearAccuracy(dataset, { workers: 0, onImages }), UserError, /enough/);
    assert.equal(tf.memory().numTensors, numTensors);
  });

  it('is left out where no linear evaluation is asked for', async () => {
    const parts = new Set<string>();
    const baselines = (linear: boolean) =>
      rawPixelBaselines(
        tinyDataset(),
        { k: 5, temperature: 0.1 },
        { linear, workers: 0, onPart: (_done, _total, part) => parts.add(part) },
      );
    assert.equal((await baselines(false)).rawPixelLinearTop1, null);
    assert.deepEqual([...parts], ['nearest neighbors']);
    assert.equal(typeof (await baselines(true)).rawPixelLinearTop1, 'number');
    assert.deepEqual([...parts], ['nearest neighbors', 'linear classifier']);
  });
});

/** Two classes of noise that differ in the brightness of one pixel. */
function onePixelDataset(): Dataset {
  const images = (count: number, shift: number): LabeledImages => {
    const pixels = allocatePixels(count, 8);
    const labels = Int32Array.from({ length: count }, (_, i) => i % 2);
    for (let i = 0; i < pixels.length; i++) pixels[i] = 96 + (Math.imul(i + shift, 2654435761) >>> 26);
    for (let i = 0; i < count; i++) pixels.fill(labels[i] * 255, 192 * i, 192 * i + 3);
    return { count, size: 8, pixels, labels };
  };
  return {
    ...tinyDataset(),
    classes: ['dark', 'bright'],
    imageSize: 8,
    train: images(256, 0),
    test: images(64, 999_983),
  };
}
