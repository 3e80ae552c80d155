import assert from 'node:assert/strict';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { openImages, pretrainingImages, readStl10, subset } from '../../lib/data';
import { fileDigest } from '../../lib/data/cache';
import { refusedWith } from './refused';
import { temporaryFolder } from './temporary-folder';

const size = 96;
const plane = size * size;

/** The color that a test image has in row y, column x: no two of these are equal by chance. */
const color = (shift: number, x: number, y: number) =>
  [shift + x, 100 + shift + y, shift + x + 2 * y].map((v) => v % 256);

/** An image as STL-10's files have it: three planes, each column by column. */
function stored(shift: number): Buffer {
  const bytes = Buffer.alloc(3 * plane);
  for (let x = 0; x < size; x++) {
    for (let y = 0; y < size; y++) {
      color(shift, x, y).forEach((value, channel) => {
        bytes[channel * plane + x * size + y] = value;
      });
    }
  }
  return bytes;
}

/** The same image as the kit has it: pixels row by row. */
function image(shift: number): Uint8Array {
  const pixels: number[] = [];
  for (let y = 0; y < size; y++) for (let x = 0; x < size; x++) pixels.push(...color(shift, x, y));
  return Uint8Array.from(pixels);
}

describe('reading STL-10, binary version', () => {
  const folder = temporaryFolder();
  const inner = () => join(folder(), 'stl10_binary');
  const put = (name: string, ...parts: Uint8Array[]) =>
    writeFileSync(join(inner(), name), Buffer.concat(parts));
  const refuses = (...patterns: RegExp[]) => refusedWith(() => readStl10(folder()), ...patterns);

  beforeEach(() => {
    mkdirSync(inner());
    put('train_X.bin', stored(1), stored(2));
    put('train_y.bin', Uint8Array.of(1, 10));
    put('test_X.bin', stored(3));
    put('test_y.bin', Uint8Array.of(7));
    put('unlabeled_X.bin', stored(4), stored(5), stored(6), stored(7));
  });

  it('turns planes that go column by column into pixels that go row by row', () => {
    const { train, test, imageSize } = readStl10(folder());
    assert.equal(imageSize, 96);
    assert.deepEqual(train.pixels, Uint8Array.from([...image(1), ...image(2)]));
    assert.deepEqual(test.pixels, image(3));
  });

  it('counts classes from 0, where the files count from 1', () => {
    const { train, test, classes } = readStl10(folder());
    assert.deepEqual([...train.labels, ...test.labels], [0, 9, 6]);
    assert.equal(classes[6], 'horse');
  });

  it('leaves unlabeled images in their file, from where they are read one by one', () => {
    const { unlabeled } = readStl10(folder());
    assert.deepEqual(unlabeled, { count: 4, size: 96, file: join(inner(), 'unlabeled_X.bin') });
    const opened = openImages([unlabeled!]);
    assert.deepEqual(opened.image(2), image(6));
    assert.deepEqual(opened.image(0), image(4));
    opened.close();
  });

  it('pretrains on the training images and then those without labels', () => {
    const { sets, count, labels } = pretrainingImages(readStl10(folder()));
    assert.equal(count, 6);
    assert.deepEqual([...labels], [0, 9, -1, -1, -1, -1]);
    const opened = openImages(sets);
    assert.deepEqual(opened.image(1), image(2));
    assert.deepEqual(opened.image(5), image(7));
    assert.throws(() => opened.image(6), /no image 6/);
    opened.close();
  });

  it('draws a subset of them without reading the others', () => {
    const whole = readStl10(folder());
    const part = subset(whole, { unlabeled: 2, seed: 3 });
    const { places } = part.unlabeled as { places: Int32Array };
    assert.equal(part.unlabeled?.count, 2);
    const opened = openImages([part.unlabeled!]);
    for (const [i, place] of places.entries()) assert.deepEqual(opened.image(i), image(4 + place));
    opened.close();
    const [smaller] = (subset(part, { unlabeled: 1, seed: 9 }).unlabeled as { places: Int32Array }).places;
    assert.ok(places.includes(smaller), 'a part of a part is drawn of what the part has');
    assert.notEqual(part.checksum, whole.checksum);
  });

  it('has one checksum for all of them, however they were asked for', () => {
    const whole = readStl10(folder());
    assert.equal(subset(whole, { unlabeled: whole.unlabeled?.count, seed: 3 }), whole);
  });

  it('has a checksum that follows the unlabeled images too', () => {
    const whole = readStl10(folder());
    const part = subset(whole, { unlabeled: 3, seed: 3 });
    put('unlabeled_X.bin', stored(4), stored(9), stored(9), stored(9));
    assert.notEqual(readStl10(folder()).checksum, whole.checksum);
    assert.notEqual(subset(whole, { unlabeled: 3, seed: 3 }).checksum, part.checksum);
  });

  it('says so where the file is cut short, or gone, after it was loaded', async () => {
    const { unlabeled } = readStl10(folder());
    const opened = openImages([unlabeled!]);
    truncateSync(join(inner(), 'unlabeled_X.bin'), 50_000);
    await refusedWith(() => opened.image(1), /unlabeled_X\.bin ends before byte 55296/);
    opened.close();
    rmSync(join(inner(), 'unlabeled_X.bin'));
    await refusedWith(() => openImages([unlabeled!]), /Cannot read .*unlabeled_X\.bin \(ENOENT\)/);
  });

  it('refuses labels that are none, or fewer than there are images', async () => {
    put('test_y.bin', Uint8Array.of(0));
    await refuses(/Record 0 .*test_y\.bin has label 0; expected 1 to 10/);
    put('test_y.bin', Uint8Array.of(3, 3));
    await refuses(/test_y\.bin has 2 labels for the 1 images of .*test_X\.bin/);
  });

  it('refuses files that are missing, cut short or of another dataset', async () => {
    appendFileSync(join(inner(), 'train_X.bin'), 'x');
    await refuses(/train_X\.bin has 55297 bytes; expected 138240000/, /27648-byte records/);
    put('train_X.bin', stored(1), stored(2));
    writeFileSync(join(inner(), 'class_names.txt'), 'cat\ndog\n');
    await refuses(/class_names\.txt names the classes cat, dog/);
    rmSync(join(inner(), 'class_names.txt'));
    rmSync(join(inner(), 'unlabeled_X.bin'));
    await refuses(/unlabeled_X\.bin is missing/, /npx mnn data fetch stl10/);
  });
});

describe("a long file's sum", () => {
  const folder = temporaryFolder();

  it('is remembered until the file changes', () => {
    const file = join(folder(), 'long.bin');
    const digest = () => fileDigest(file, undefined, 1);
    const time = new Date(1_700_000_000_000);
    writeFileSync(file, 'abc');
    utimesSync(file, time, time);
    const first = digest();
    assert.equal(first, 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
    writeFileSync(file, 'abd');
    utimesSync(file, time, time);
    assert.equal(digest(), first, 'same length, same time: taken from memory');
    utimesSync(file, time, new Date());
    assert.notEqual(digest(), first);
    writeFileSync(join(folder(), '.cache', 'long.bin.json'), '{"bytes": 3, "modi');
    assert.notEqual(digest(), first);
    assert.ok(existsSync(join(folder(), '.cache', 'long.bin.json')));
  });

  it('is not remembered where the file is short', () => {
    writeFileSync(join(folder(), 'short.bin'), 'abc');
    fileDigest(join(folder(), 'short.bin'));
    assert.ok(!existsSync(join(folder(), '.cache')));
  });
});
