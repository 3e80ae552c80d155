import assert from 'node:assert/strict';
import { UserError } from '../../lib/core/errors';
import { formatTable } from '../../lib/core/table';
import { allocatePixels, createDataset, datasetChecksum, subset } from '../../lib/data';
import { datasetTable } from '../../lib/data/dataset-table';
import { datasetSamples } from '../../lib/figures';

const normalization = { mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] } as const;

function split(count: number, label: (i: number) => number, size = 4) {
  const pixels = allocatePixels(count, size).map((_, i) => i % 251);
  return { count, size, pixels, labels: Int32Array.from({ length: count }, (_, i) => label(i)) };
}

/** A dataset of 6 training and 4 test images. */
function own(classes: string[], label: (i: number) => number, testLabel = label) {
  return createDataset({
    name: 'own',
    classes,
    train: split(6, label),
    test: split(4, testLabel),
    normalization,
  });
}

describe('createDataset', () => {
  it('adds the size of the images and the checksum that records keep', () => {
    const dataset = own(['a', 'b'], (i) => i % 2);
    assert.equal(dataset.imageSize, 4);
    assert.equal(dataset.checksum, datasetChecksum(dataset));
  });

  it('refuses a label that is the number of no class', () => {
    const refused = (label: (i: number) => number, message: RegExp) =>
      assert.throws(
        () => own(['a', 'b'], label),
        (error: Error) => error instanceof UserError && message.test(error.message),
      );
    refused((i) => 1 + (i % 2), /own, split train: image 1 .* has label 2; expected 0 to 1, or -1/);
    refused((i) => (i === 3 ? -2 : 0), /image 3 .* has label -2/);
    assert.throws(
      () =>
        own(
          ['a', 'b'],
          (i) => i % 2,
          () => 7,
        ),
      /own, split test: image 0 .* has label 7/,
    );
    assert.throws(() => own([], () => 0), /has label 0; expected -1, since there are no class names/);
  });

  it('refuses pixels from 0 to 1, as numbers or put into bytes, and a class name that is there twice', () => {
    const made = (pixels: Uint8Array, classes = ['a', 'b']) => {
      const train = { ...split(6, (i) => i % 2), pixels };
      return createDataset({ name: 'own', classes, train, test: split(4, () => 0), normalization });
    };
    const values = Array.from({ length: 6 * 4 * 4 * 3 }, (_, i) => (i % 11) / 10);
    const floats = Float32Array.from(values) as unknown as Uint8Array;
    assert.throws(() => made(floats), /own, split train: pixels must be a Uint8Array .* by 255/);
    assert.throws(() => made(Uint8Array.from(values)), /no pixel is above 1 of 255/);
    assert.equal(made(Uint8Array.from(values, (value) => value * 255)).imageSize, 4);
    assert.throws(
      () =>
        made(
          Uint8Array.from(values, (value) => value * 255),
          ['a', 'a'],
        ),
      /'a' is there twice/,
    );
  });

  it('takes a split without any label, and refuses one with some', () => {
    assert.equal(own([], () => -1).classes.length, 0);
    assert.throws(
      () => own(['a', 'b'], (i) => (i < 2 ? -1 : i % 2)),
      /2 of 6 images have no label .* unlabeled/,
    );
  });

  it('refuses labels and pixels that are not as many as the images', () => {
    const good = split(6, () => 0);
    const made = (train: object) =>
      createDataset({ name: 'own', classes: ['a'], train: { ...good, ...train }, test: good, normalization });
    assert.throws(
      () => made({ labels: new Int32Array(5) }),
      /labels must be an Int32Array .* each of 6 images/,
    );
    assert.throws(() => made({ labels: [0, 0, 0, 0, 0, 0] as never }), /labels must be an Int32Array/);
    assert.throws(
      () => made({ pixels: allocatePixels(5, 4) }),
      /240 bytes of pixels; expected 6 images x 4 x 4 x 3/,
    );
    assert.throws(() => made(split(6, () => 0, 8)), /split test: its images are 4 pixels wide; expected 8/);
  });
});

describe('A dataset without labels', () => {
  const dataset = own([], () => -1);

  it('can be drawn from, by number only', () => {
    const part = subset(dataset, { train: 4, test: 2, seed: 1 });
    assert.deepEqual([part.train.count, part.test.count, part.train.labels[0]], [4, 2, -1]);
    assert.throws(
      () => subset(dataset, { perClass: 1, seed: 1 }),
      /own has no labels: ask for a number of training/,
    );
  });

  it('is described and shown as it is', async () => {
    const text = formatTable(datasetTable(dataset), 'text');
    assert.match(text, /no classes/);
    assert.doesNotMatch(text, /Infinity/);
    const { title } = await datasetSamples(dataset);
    assert.match(String(title?.subtitle), /pixels without labels, drawn by seed/);
  });
});
