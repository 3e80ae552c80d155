import assert from 'node:assert/strict';
import { mkdirSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../lib/core/errors';
import { readCifar10 } from '../../lib/data';
import { temporaryFolder } from './temporary-folder';

/** A record whose pixel i has the color (i, i + 1, i + 2) mod 256, plus a shift that tells records apart. */
function record(label: number, shift = 0): Buffer {
  const bytes = Buffer.alloc(3073);
  bytes[0] = label;
  for (let channel = 0; channel < 3; channel++) {
    for (let i = 0; i < 1024; i++) bytes[1 + channel * 1024 + i] = i + channel + shift;
  }
  return bytes;
}

describe('reading CIFAR-10, binary version', () => {
  const folder = temporaryFolder();
  const inner = () => join(folder(), 'cifar-10-batches-bin');
  const put = (name: string, ...records: Buffer[]) =>
    writeFileSync(join(inner(), name), Buffer.concat(records));
  const fails = (...patterns: RegExp[]) =>
    assert.throws(
      () => readCifar10(folder()),
      (error: Error) => {
        assert.ok(error instanceof UserError, error.stack);
        for (const pattern of patterns) assert.match(error.message, pattern);
        return true;
      },
    );

  beforeEach(() => {
    mkdirSync(inner());
    put('data_batch_1.bin', record(3, 0), record(0, 10));
    put('data_batch_2.bin', record(9, 20));
    put('test_batch.bin', record(7, 30));
  });

  it('turns color planes into pixels, row by row', () => {
    const { pixels } = readCifar10(folder()).train;
    assert.deepEqual([...pixels.subarray(0, 6)], [0, 1, 2, 1, 2, 3]);
    const lastRow = 3 * 31 * 32;
    assert.deepEqual(
      [...pixels.subarray(lastRow, lastRow + 3)],
      [31 * 32, 31 * 32 + 1, 31 * 32 + 2].map((v) => v % 256),
    );
  });

  it('keeps the order: batch by batch, record by record', () => {
    const { train, test } = readCifar10(folder());
    assert.deepEqual([train.count, test.count], [3, 1]);
    assert.deepEqual([...train.labels, ...test.labels], [3, 0, 9, 7]);
    assert.deepEqual(
      [0, 1, 2].map((i) => train.pixels[i * 3072]),
      [0, 10, 20],
    );
    assert.equal(test.pixels[0], 30);
  });

  it('names the official classes, with or without batches.meta.txt', () => {
    const names = readCifar10(folder()).classes;
    assert.deepEqual([names[0], names[9]], ['airplane', 'truck']);
    writeFileSync(join(inner(), 'batches.meta.txt'), `${names.join('\n')}\n\n`);
    assert.deepEqual(readCifar10(folder()).classes, names);
    writeFileSync(join(inner(), 'batches.meta.txt'), `${names.toReversed().join('\n')}\n`);
    fails(/batches\.meta\.txt names the classes truck/);
  });

  it('takes the inner folder as well', () => {
    assert.equal(readCifar10(inner()).checksum, readCifar10(folder()).checksum);
  });

  it('lets worker threads share the pixels', () => {
    assert.ok(readCifar10(folder()).train.pixels.buffer instanceof SharedArrayBuffer);
  });

  it('has a checksum that follows pixels and labels', () => {
    const { checksum } = readCifar10(folder());
    put('data_batch_2.bin', record(8, 20));
    const otherLabel = readCifar10(folder()).checksum;
    put('data_batch_2.bin', record(9, 21));
    const otherPixels = readCifar10(folder()).checksum;
    assert.equal(new Set([checksum, otherLabel, otherPixels]).size, 3);
  });

  it('says how to get the dataset where it is not there', () => {
    rmSync(inner(), { recursive: true });
    fails(/npx mnn data fetch cifar10`/, /--from <archive or folder>/, new RegExp(folder()));
  });

  it('refuses a truncated file, naming its size', () => {
    truncateSync(join(inner(), 'data_batch_2.bin'), 3000);
    fails(/data_batch_2\.bin has 3000 bytes; expected 30730000/, /3073/);
  });

  it('refuses an empty file', () => {
    put('test_batch.bin');
    fails(/test_batch\.bin has 0 bytes/);
  });

  it('refuses a gap between the batches, and a missing test file', () => {
    put('data_batch_4.bin', record(1));
    fails(/data_batch_3\.bin is missing/);
    rmSync(join(inner(), 'data_batch_4.bin'));
    rmSync(join(inner(), 'test_batch.bin'));
    fails(/test_batch\.bin is missing/);
  });

  it('refuses a short batch beside one of the official size', () => {
    const whole = Buffer.alloc(30_730_000);
    put('data_batch_1.bin', whole);
    fails(/data_batch_2\.bin has 3073 bytes; expected 30730000/);
    put('data_batch_2.bin', whole);
    fails(/data_batch_3\.bin is missing/);
  });

  it('refuses a label out of range, naming record and label', () => {
    put('data_batch_1.bin', record(3), record(10));
    fails(/Record 1 .*data_batch_1\.bin has label 10; expected 0 to 9/);
  });

  describe('that was installed', () => {
    const installed = (...names: string[]) => {
      const members = names.map((name) => ({ name, bytes: statSync(join(inner(), name)).size, md5: '' }));
      const manifest = { dataset: 'cifar10', source: 'x.tar.gz', officialArchive: true, members };
      writeFileSync(join(inner(), 'manifest.json'), JSON.stringify(manifest));
    };
    beforeEach(() => installed('data_batch_1.bin', 'data_batch_2.bin', 'test_batch.bin'));

    it('is read while it is whole', () => {
      assert.equal(readCifar10(folder()).train.count, 3);
    });

    it('is refused where a file is shorter than it was', () => {
      put('data_batch_1.bin', record(3));
      fails(/data_batch_1\.bin has 3073 bytes; 6146 were installed/);
    });

    it('is refused, and not taken for a subset, where its last batches are lost', () => {
      rmSync(join(inner(), 'data_batch_2.bin'));
      fails(/data_batch_2\.bin is missing/, /data remove cifar10`.*data fetch cifar10`/);
    });
  });
});
