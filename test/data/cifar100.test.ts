import assert from 'node:assert/strict';
import { mkdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readCifar100 } from '../../lib/data';
import { refusedWith } from './refused';
import { temporaryFolder } from './temporary-folder';

/** A record whose pixel i has the color (i, i + 1, i + 2) mod 256, plus a shift that tells records apart. */
function record(coarse: number, fine: number, shift = 0): Buffer {
  const bytes = Buffer.alloc(3074);
  bytes.set([coarse, fine]);
  for (let channel = 0; channel < 3; channel++) {
    for (let i = 0; i < 1024; i++) bytes[2 + channel * 1024 + i] = i + channel + shift;
  }
  return bytes;
}

describe('reading CIFAR-100, binary version', () => {
  const folder = temporaryFolder();
  const inner = () => join(folder(), 'cifar-100-binary');
  const put = (name: string, ...records: Buffer[]) =>
    writeFileSync(join(inner(), name), Buffer.concat(records));
  const refuses = (...patterns: RegExp[]) => refusedWith(() => readCifar100(folder()), ...patterns);

  beforeEach(() => {
    mkdirSync(inner());
    put('train.bin', record(4, 19, 0), record(19, 99, 10));
    put('test.bin', record(0, 51, 30));
  });

  it('takes the fine labels, and turns the planes after both labels into pixels', () => {
    const { train, test, imageSize } = readCifar100(folder());
    assert.deepEqual([train.count, test.count, imageSize], [2, 1, 32]);
    assert.deepEqual([...train.labels, ...test.labels], [19, 99, 51]);
    assert.deepEqual([...train.pixels.subarray(0, 6)], [0, 1, 2, 1, 2, 3]);
    assert.deepEqual([...train.pixels.subarray(3072, 3075)], [10, 11, 12]);
    assert.equal(test.pixels[3 * 32], 30 + 32);
  });

  it('names the 100 fine classes, with or without fine_label_names.txt', async () => {
    const { classes } = readCifar100(folder());
    assert.equal(classes.length, 100);
    assert.deepEqual([classes[0], classes[19], classes[99]], ['apple', 'cattle', 'worm']);
    writeFileSync(join(inner(), 'fine_label_names.txt'), `${classes.join('\n')}\n`);
    assert.deepEqual(readCifar100(folder()).classes, classes);
    writeFileSync(join(inner(), 'fine_label_names.txt'), 'cat\ndog\n');
    await refuses(/fine_label_names\.txt names the classes cat, dog/);
  });

  it('is normalized by its own constants', () => {
    assert.deepEqual(readCifar100(inner()).normalization, {
      mean: [0.5071, 0.4867, 0.4408],
      std: [0.2675, 0.2565, 0.2761],
    });
  });

  it('refuses a fine label that is none, a file cut short and a missing one', async () => {
    put('test.bin', record(0, 5), record(0, 100));
    await refuses(/Record 1 .*test\.bin has label 100; expected 0 to 99/, /npx mnn data fetch cifar100/);
    truncateSync(join(inner(), 'test.bin'), 3000);
    await refuses(/test\.bin has 3000 bytes; expected 30740000/, /3074-byte records/);
    rmSync(join(inner(), 'test.bin'));
    await refuses(/test\.bin is missing/);
    rmSync(inner(), { recursive: true });
    await refuses(/CIFAR-100 is not in/, /npx mnn data fetch cifar100/);
  });
});
