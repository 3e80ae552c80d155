import assert from 'node:assert/strict';
import { UserError } from '../../lib/core/errors';
import { batchIndices } from '../../lib/data';

const plain = (batches: Int32Array[]) => batches.map((batch) => [...batch]);
const sorted = (batches: Int32Array[]) =>
  plain(batches)
    .flat()
    .sort((a, b) => a - b);

describe('the order of the batches', () => {
  it('shows every image once where the batches divide', () => {
    assert.deepEqual(sorted(batchIndices(12, 4, 1, 0)), [...Array(12).keys()]);
  });

  it('drops the last partial batch', () => {
    const batches = batchIndices(50_000, 256, 1, 0);
    assert.equal(batches.length, 195);
    assert.ok(batches.every((batch) => batch.length === 256));
    assert.equal(new Set(sorted(batches)).size, 195 * 256);
  });

  it('keeps the last partial batch on request', () => {
    const batches = batchIndices(10, 4, 1, 0, { purpose: 'linear-order', keepLast: true });
    assert.deepEqual(
      batches.map((batch) => batch.length),
      [4, 4, 2],
    );
    assert.deepEqual(sorted(batches), [...Array(10).keys()]);
  });

  it('depends on seed, epoch and purpose alone', () => {
    const order = plain(batchIndices(100, 10, 7, 3));
    assert.deepEqual(plain(batchIndices(100, 10, 7, 3)), order);
    assert.notDeepEqual(plain(batchIndices(100, 10, 8, 3)), order);
    assert.notDeepEqual(plain(batchIndices(100, 10, 7, 4)), order);
    assert.notDeepEqual(plain(batchIndices(100, 10, 7, 3, { purpose: 'linear-order' })), order);
  });

  it('refuses a batch larger than the dataset, naming both', () => {
    assert.throws(
      () => batchIndices(100, 256, 1, 0),
      (error: Error) => {
        assert.ok(error instanceof UserError);
        assert.match(error.message, /100 .*256.*--batch-size/);
        return true;
      },
    );
    assert.equal(batchIndices(100, 256, 1, 0, { keepLast: true })[0].length, 100);
  });

  it('refuses batch sizes that are no positive whole number', () => {
    for (const size of [0, -1, 2.5, Number.NaN])
      assert.throws(() => batchIndices(100, size, 1, 0), UserError);
  });
});
