import assert from 'node:assert/strict';
import { join } from 'node:path';
import { UserError } from '../../lib/core/errors';
import { dataFolder, loadDataset, shapes10, subset } from '../../lib/data';
import { temporaryFolder } from './temporary-folder';

describe('loading a dataset by name', () => {
  const folder = temporaryFolder();

  it('draws the built-in one as asked', async () => {
    const options = { size: 20, train: 30, test: 10, seed: 2 };
    assert.equal((await loadDataset('shapes10', options)).checksum, shapes10(options).checksum);
    const { train, test } = await loadDataset('shapes10', { train: undefined });
    assert.deepEqual([train.count, test.count], [2048, 512]);
  });

  it('says what is known where the name is not', async () => {
    await assert.rejects(loadDataset('cifar-10'), /Unknown dataset 'cifar-10'.*cifar10.*shapes10/);
  });

  it('says how to get a missing one', async () => {
    await assert.rejects(loadDataset('cifar10', { data: folder() }), (error: Error) => {
      assert.ok(error instanceof UserError);
      assert.match(error.message, /npx mnn data fetch cifar10/);
      return true;
    });
  });
});

describe('the data folder', () => {
  const before = process.env.MNN_DATA;
  afterEach(() => {
    if (before === undefined) delete process.env.MNN_DATA;
    else process.env.MNN_DATA = before;
  });

  it('is the one given, else MNN_DATA, else data in the project', () => {
    process.env.MNN_DATA = '/somewhere';
    assert.equal(dataFolder('/given'), '/given');
    assert.equal(dataFolder(), '/somewhere');
    delete process.env.MNN_DATA;
    assert.equal(dataFolder(), join(__dirname, '../../data'));
  });
});

describe('a subset', () => {
  const whole = shapes10({ train: 100, test: 50 });
  const indices = (part: typeof whole) => {
    const bytes = 16 * 16 * 3;
    const rows = (pixels: Uint8Array) =>
      Array.from({ length: pixels.length / bytes }, (_, i) =>
        pixels.subarray(i * bytes, (i + 1) * bytes).join(),
      );
    const all = rows(whole.train.pixels);
    return rows(part.train.pixels).map((row) => all.indexOf(row));
  };

  it('has equally many images of each class, with their own labels, in the original order', () => {
    const part = subset(whole, { train: 30, seed: 1 });
    const chosen = indices(part);
    assert.deepEqual(
      chosen,
      chosen.toSorted((a, b) => a - b),
    );
    assert.equal(new Set(chosen).size, 30);
    assert.deepEqual(
      [...part.train.labels],
      chosen.map((i) => whole.train.labels[i]),
    );
    for (let c = 0; c < 10; c++) assert.equal(part.train.labels.filter((label) => label === c).length, 3);
    assert.equal(part.test.count, 50);
  });

  it('follows the seed', () => {
    const one = subset(whole, { train: 30, seed: 1 });
    assert.equal(subset(whole, { train: 30, seed: 1 }).checksum, one.checksum);
    assert.notDeepEqual(indices(subset(whole, { train: 30, seed: 2 })), indices(one));
    assert.notEqual(one.checksum, whole.checksum);
  });

  it('gives the first classes one more where the number does not divide', () => {
    const { labels } = subset(whole, { test: 12, seed: 1 }).test;
    assert.deepEqual(
      [0, 1, 2].map((c) => labels.filter((label) => label === c).length),
      [2, 2, 1],
    );
  });

  it('takes more of other classes where one has too few', () => {
    const labels = whole.train.labels.map((label, i) => (label === 0 && i >= 20 ? 1 : label));
    const uneven = { ...whole, train: { ...whole.train, labels } };
    const part = subset(uneven, { train: 60, seed: 1 }).train;
    const counts = [0, 1, 2, 9].map((c) => part.labels.filter((label) => label === c).length);
    assert.deepEqual([part.count, ...counts], [60, 2, 7, 7, 6]);
  });

  it('has a number of training images of each class, and all test images', () => {
    const { train, test } = subset(whole, { perClass: 3, seed: 1 });
    assert.deepEqual([train.count, test.count], [30, 50]);
    assert.deepEqual(train, subset(whole, { train: 30, seed: 1 }).train);
  });

  it('draws unlabeled images too, none where 0 are asked for', () => {
    const { count, size, pixels } = shapes10({ train: 40, seed: 5 }).train;
    const with40 = { ...whole, unlabeled: { count, size, pixels } };
    const { unlabeled, checksum } = subset(with40, { unlabeled: 15, seed: 1 });
    assert.equal(unlabeled?.count, 15);
    assert.notEqual(subset(with40, { unlabeled: 15, seed: 2 }).checksum, checksum);
    assert.equal(subset(with40, { unlabeled: 0, seed: 1 }).unlabeled, undefined);
    assert.equal(subset(with40, { train: 20, seed: 1 }).unlabeled?.count, 40);
  });

  it('says of what it was drawn, and by which seed', () => {
    const { checksum } = whole;
    const drawnFrom = { seed: 7, trainImages: 100, testImages: 50, checksum };
    assert.deepEqual(subset(whole, { train: 30, seed: 7 }).drawnFrom, drawnFrom);
  });

  it('that leaves nothing out is the dataset itself, however it was asked for', () => {
    const all = { train: 100, test: 50, seed: 1 };
    assert.equal(subset(whole, all), whole);
    assert.equal(subset(whole, { perClass: 10, seed: 1 }), whole);
    const { labels: _labels, ...unlabeled } = whole.test;
    const withMore = { ...whole, unlabeled };
    assert.equal(subset(withMore, { unlabeled: 50, seed: 1 }), withMore);
    assert.equal(subset(withMore, { train: 20, unlabeled: 50, seed: 1 }).unlabeled, unlabeled);
  });

  it('of a part says of what that was drawn, and by which seeds', () => {
    const part = subset(whole, { train: 30, seed: 7 });
    const drawnFrom = { ...part.drawnFrom, laterSeeds: [9] };
    assert.deepEqual(subset(part, { train: 10, seed: 9 }).drawnFrom, drawnFrom);
  });

  it('refuses more images than there are, and numbers that are none', () => {
    assert.throws(() => subset(whole, { test: 60, seed: 1 }), /has 50 test images here, not 60/);
    assert.throws(() => subset(whole, { perClass: 11, seed: 1 }), /shapes10 has 10 of class 'disc'/);
    assert.throws(() => subset(whole, { unlabeled: 1, seed: 1 }), /has 0 unlabeled images here, not 1/);
    assert.throws(() => subset(whole, { train: 0, seed: 1 }), UserError);
  });
});
