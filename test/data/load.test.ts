import assert from 'node:assert/strict';
import { join } from 'node:path';
import { dataFolder, loadDataset, shapes10, subset } from '../../lib/data';
import { UserError } from '../../lib/errors';
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

  it('has equally many pictures of each class, with their own labels, in the original order', () => {
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

  it('refuses more than a class has', () => {
    assert.throws(
      () => subset(whole, { test: 60, seed: 1 }),
      /60 test pictures .* need 6 of class 'disc', which has 5/,
    );
    assert.throws(() => subset(whole, { train: 0, seed: 1 }), UserError);
  });
});
