import assert from 'node:assert/strict';
import { createDataset, datasetName, datasetNames, loadDataset, registerDataset } from '../../lib/data';
import { chosenImages } from '../../lib/presets';
import { presetConfig } from '../../lib/presets/presets';
import { expectedImages } from '../../lib/runs';

const facts = { title: 'Two Colors', classes: 2, train: 20, test: 4, unlabeled: 6, imageSize: 8 };

function images(count: number) {
  const labels = Int32Array.from({ length: count }, (_, i) => i % 2);
  return { count, size: 8, pixels: new Uint8Array(count * 8 * 8 * 3).fill(7), labels };
}

function read() {
  return createDataset({
    name: 'two-colors',
    classes: ['red', 'blue'],
    train: images(20),
    test: images(4),
    unlabeled: images(6),
    normalization: { mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] },
  });
}

describe('A registered dataset', () => {
  before(() => registerDataset({ name: 'two-colors', ...facts, read }));

  it('is known by name and title', () => {
    assert.ok(datasetNames().includes('two-colors'));
    assert.equal(datasetName('two-colors'), 'Two Colors');
  });

  it('is read by name, whole or a part', async () => {
    assert.equal((await loadDataset('two-colors')).train.count, 20);
    const part = await loadDataset('two-colors', { train: 10, unlabeled: 3, seed: 1 });
    assert.deepEqual([part.train.count, part.unlabeled?.count], [10, 3]);
  });

  it('decides the views, the images and the cost of a preset', () => {
    const config = presetConfig({ preset: 'small', method: 'mnn', dataset: 'two-colors' });
    assert.deepEqual([config.training.cropSize, config.model.maxPool], [8, false]);
    assert.deepEqual(chosenImages('two-colors', {}, { unlabeled: 2 }), { unlabeled: 2 });
    const { trainImages, labeledImages, testImages, size } = expectedImages(config);
    assert.deepEqual([trainImages, labeledImages, testImages, size], [26, 20, 4, 8]);
  });

  it('can be registered again, but not in place of one that comes with the library', () => {
    registerDataset({ name: 'two-colors', ...facts, read });
    assert.throws(() => registerDataset({ name: 'cifar10', ...facts, read }), /cifar10.*another name/);
    assert.throws(() => registerDataset({ name: 'Two Colors', ...facts, read }), /small letters/);
  });
});
