import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../lib/core/errors';
import { checkFits, loadDatasetFor } from '../../lib/runs';
import { temporaryFolder } from '../data/temporary-folder';
import { sampleConfig } from '../results/sample-record';
import { failure } from '../training/tiny-run';

describe("A run's dataset", () => {
  const data = temporaryFolder();
  const config = (dataset: string, images: object) => ({ ...sampleConfig(), dataset, images });

  /** A CIFAR-10 folder with few images. */
  function putCifar10(train: number, test: number): void {
    const folder = join(data(), 'cifar-10-batches-bin');
    mkdirSync(folder);
    const images = (count: number) =>
      Buffer.concat(Array.from({ length: count }, (_, i) => Buffer.alloc(3073, i % 10)));
    writeFileSync(join(folder, 'data_batch_1.bin'), images(train));
    writeFileSync(join(folder, 'test_batch.bin'), images(test));
  }

  it('has the numbers and size of images that the configuration asks for', async () => {
    const { train, test, imageSize } = await loadDatasetFor(
      config('shapes10', { train: 20, test: 10, size: 20 }),
    );
    assert.deepEqual([train.count, test.count, imageSize], [20, 10, 20]);
  });

  it('is a part of a dataset, the same one every time', async () => {
    putCifar10(20, 20);
    const images = { train: 10, test: 10 };
    const { train, test, checksum } = await loadDatasetFor(config('cifar10', images), data());
    assert.deepEqual([train.count, test.count], [10, 10]);
    assert.equal((await loadDatasetFor(config('cifar10', images), data())).checksum, checksum);
    assert.notEqual((await loadDatasetFor(config('cifar10', {}), data())).checksum, checksum);
  });

  it('is all of a dataset that has fewer images', async () => {
    putCifar10(20, 10);
    const { train, test } = await loadDatasetFor(config('cifar10', { train: 5000, test: 1000 }), data());
    assert.deepEqual([train.count, test.count], [20, 10]);
  });

  it('has so many training images of each class, or says which class has fewer', async () => {
    putCifar10(20, 10);
    const { train, test } = await loadDatasetFor(config('cifar10', { perClass: 1, test: 1000 }), data());
    assert.deepEqual([[...train.labels].sort(), test.count], [[0, 1, 2, 3, 4, 5, 6, 7, 8, 9], 10]);
    assert.equal((await loadDatasetFor(config('shapes10', { perClass: 3, test: 10 }))).train.count, 30);
    await failure(
      loadDatasetFor(config('cifar10', { perClass: 3 }), data()),
      UserError,
      /3 training images of each class .* cifar10 has 2 of class 'airplane'/,
    );
  });

  it('is chosen by the seed of the images, not of the run', async () => {
    putCifar10(200, 100);
    const part = (seed?: number) => loadDatasetFor(config('cifar10', { train: 10, seed }), data());
    const [usual, one, same] = [await part(), await part(1), await part(1)];
    assert.equal(usual.drawnFrom?.seed, 1339);
    assert.deepEqual(one.drawnFrom, { ...usual.drawnFrom, seed: 1 });
    assert.equal(one.checksum, same.checksum);
  });

  it('may be smaller than its configuration asks for, and is refused if it is another or larger', async () => {
    const asked = config('shapes10', { train: 20, test: 10, size: 20 });
    const dataset = await loadDatasetFor(asked);
    const refused = async (images: object, pattern: RegExp, name = 'shapes10') =>
      failure(
        Promise.resolve().then(() => checkFits(config(name, images), dataset)),
        UserError,
        pattern,
      );
    checkFits(asked, dataset);
    checkFits(config('shapes10', { train: 30, test: 20 }), dataset);
    checkFits(config('shapes10', { perClass: 2 }), dataset);
    await refused({}, /the dataset cifar10.* the name shapes10/, 'cifar10');
    await refused({ size: 16 }, /images 16 pixels wide.* images of 20/);
    await refused({ train: 19 }, /19 training images.* has 20/);
    await refused({ perClass: 1 }, /10 training images.* has 20/);
    await refused({ test: 5 }, /5 test images.* has 10/);
  });

  it('that is missing or unknown is named', async () => {
    await failure(loadDatasetFor(config('cifar10', {}), data()), UserError, /npx mnn data fetch cifar10/);
    await failure(
      loadDatasetFor(config('cifar', {}), data()),
      UserError,
      /Unknown dataset 'cifar'/,
      /shapes10/,
    );
  });
});
