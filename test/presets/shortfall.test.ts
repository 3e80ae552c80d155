import assert from 'node:assert/strict';
import { comparisonTable } from '../../lib/paper/comparison';
import { shortfall } from '../../lib/presets/scale';
import { sampleRecord } from '../results/sample-record';

describe('What a run lacks of its images', () => {
  const lacks = (dataset: string, images: object, trainImages: number, testImages: number) =>
    shortfall({ dataset, images }, { trainImages, testImages });

  it('is nothing where it has all that it asks for, or all that was published', () => {
    assert.equal(lacks('cifar10', {}, 50_000, 10_000), undefined);
    assert.equal(lacks('cifar10', { train: 5000, test: 1000 }, 5000, 1000), undefined);
    assert.equal(lacks('cifar10', { train: 90_000 }, 50_000, 10_000), undefined);
    assert.equal(lacks('cifar100', { perClass: 2 }, 200, 10_000), undefined);
    assert.equal(lacks('stl10', { train: 1250, unlabeled: 0 }, 1250, 8000), undefined);
    assert.equal(lacks('shapes10', {}, 10, 10), undefined);
  });

  it('is counted by split, images without labels among those of the training', () => {
    assert.equal(lacks('cifar10', { train: 5000 }, 20, 10_000), '20 of 5000 training images');
    const both = '5000 of 105000 training images and 20 of 8000 test images';
    assert.equal(lacks('stl10', {}, 5000, 20), both);
  });

  it('stands below a table, also at a reduced scale', () => {
    const record = sampleRecord();
    record.config = { ...record.config, dataset: 'cifar10', images: { train: 5000, test: 500 } };
    const note = 'Made on 2000 of 5000 training images of CIFAR-10.';
    assert.ok(comparisonTable([record]).notes.includes(note));
  });
});
