import assert from 'node:assert/strict';
import {
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { Transformer } from '@napi-rs/image';
import { readTinyImagenet } from '../../lib/data';
import { refusedWith } from './refused';
import { temporaryFolder } from './temporary-folder';

type Color = readonly [number, number, number];
const red: Color = [200, 30, 40];
const green: Color = [20, 180, 60];
const blue: Color = [10, 40, 220];

/** A grayscale JPEG, 64x64, whose column x is about 40 + 2x light. */
const grayJpeg = Buffer.from(
  '/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAA0JCgsKCA0LCgsODg0PEyAVExISEyccHhcgLikxMC4pLSwzOko+MzZGNywtQFdBRkxOUlNS' +
    'Mj5aYVpQYEpRUk//wAALCABAAEABAREA/8QAFgABAQEAAAAAAAAAAAAAAAAABAcG/8QAFRABAQAAAAAAAAAAAAAAAAAAAAP/2gAIAQEA' +
    'AD8AxsyplTKmVMmZUypp1MqZUyplTJmVMqadTKmVMqZUyZlTKmnUyplTKmVMmZUypp1MqZUyplTJmVMqadTKmVMqZUyZlTKmnUyplTKm' +
    'VMmZUypp1MqZUyplTJmVMqb/2Q==',
  'base64',
);

/** A JPEG of one color. */
async function jpeg([r, g, b]: Color, size = 64): Promise<Buffer> {
  const rgba = Uint8Array.from({ length: size * size * 4 }, (_, i) => [r, g, b, 255][i % 4]);
  return Transformer.fromRgbaPixels(rgba, size, size).jpeg(95);
}

describe('reading Tiny ImageNet', () => {
  const folder = temporaryFolder();
  const inner = (...names: string[]) => join(folder(), 'tiny-imagenet-200', ...names);
  const put = (name: string, content: string | Buffer) => {
    mkdirSync(dirname(inner(name)), { recursive: true });
    writeFileSync(inner(name), content);
  };
  const annotations = (...rows: [string, string][]) =>
    put('val/val_annotations.txt', rows.map(([file, wnid]) => `${file}\t${wnid}\t0\t0\t62\t62\n`).join(''));
  const read = () => readTinyImagenet(folder());
  const refuses = (...patterns: RegExp[]) => refusedWith(read, ...patterns);
  /** Color of the middle of an image. */
  const colorOf = (pixels: Uint8Array, image: number) => {
    const at = (image * 64 * 64 + 32 * 64 + 32) * 3;
    return [...pixels.subarray(at, at + 3)];
  };
  const near = (found: number[], expected: Color) =>
    found.forEach((value, i) => {
      assert.ok(Math.abs(value - expected[i]) < 6, `${found} is not ${expected}`);
    });

  beforeEach(async () => {
    put('wnids.txt', 'n02\nn01\n');
    put('words.txt', 'n01\tgoldfish, Carassius auratus\nn02\ttree frog\nn99\tnothing\n');
    put('train/n01/images/n01_2.JPEG', await jpeg(red));
    put('train/n01/images/n01_10.JPEG', await jpeg(green));
    put('train/n01/n01_boxes.txt', '');
    put('train/n02/images/n02_0.JPEG', await jpeg(blue));
    put('val/images/val_1.JPEG', await jpeg(blue));
    put('val/images/val_0.JPEG', await jpeg(red));
    annotations(['val_1.JPEG', 'n02'], ['val_0.JPEG', 'n01']);
  });

  describe("with images sorted into folders of their classes, for torchvision's ImageFolder", () => {
    const move = (from: string, to: string) => {
      mkdirSync(dirname(inner(to)), { recursive: true });
      renameSync(inner(from), inner(to));
    };
    const sortTo = (place: (wnid: string) => string) => {
      move('val/images/val_1.JPEG', `val/${place('n02')}val_1.JPEG`);
      move('val/images/val_0.JPEG', `val/${place('n01')}val_0.JPEG`);
    };

    it('has the same images in the same order, with and without val_annotations.txt', async () => {
      const { checksum, test } = await read();
      sortTo((wnid) => `${wnid}/images/`);
      rmSync(inner('val/images'), { recursive: true });
      assert.equal((await read()).checksum, checksum);
      rmSync(inner('val/val_annotations.txt'));
      assert.deepEqual((await read()).test, test);
    });

    it('has them also without folders named images, in val and train', async () => {
      const { checksum } = await read();
      sortTo((wnid) => `${wnid}/`);
      for (const image of ['n01_2', 'n01_10'])
        move(`train/n01/images/${image}.JPEG`, `train/n01/${image}.JPEG`);
      rmSync(inner('train/n01/images'), { recursive: true });
      assert.equal((await read()).checksum, checksum);
    });

    it('has them if only some were moved', async () => {
      const { checksum } = await read();
      move('val/images/val_1.JPEG', 'val/n02/val_1.JPEG');
      assert.equal((await read()).checksum, checksum);
    });

    it('refuses an image in the folder of another class than its annotation', () => {
      move('val/images/val_1.JPEG', 'val/n01/images/val_1.JPEG');
      return refuses(
        /n01.images.val_1\.JPEG is of the class n01 by its folder, and val_annotations\.txt gives it n02/,
      );
    });

    it('misses an image that is nowhere', () => {
      sortTo((wnid) => `${wnid}/images/`);
      rmSync(inner('val/n01/images/val_0.JPEG'));
      return refuses(/val_0\.JPEG is missing; val.val_annotations\.txt names it/);
    });
  });

  it('numbers classes by the order of their wnids, and names them by words.txt', async () => {
    const { classes, train, test } = await read();
    assert.deepEqual(classes, ['goldfish', 'tree frog']);
    assert.deepEqual([...train.labels], [0, 0, 1]);
    assert.deepEqual([...test.labels], [0, 1]);
    rmSync(inner('words.txt'));
    assert.deepEqual((await read()).classes, ['n01', 'n02']);
  });

  it('sorts training images by path, n01_10 before n01_2, and validation images by name', async () => {
    const { train, test, imageSize } = await read();
    assert.deepEqual([train.count, test.count, imageSize], [3, 2, 64]);
    for (const [i, color] of [green, red, blue].entries()) near(colorOf(train.pixels, i), color);
    for (const [i, color] of [red, blue].entries()) near(colorOf(test.pixels, i), color);
  });

  it('turns grayscale images into RGB', async () => {
    put('train/n01/images/n01_2.JPEG', grayJpeg);
    const { pixels } = (await read()).train;
    const row = pixels.subarray((64 * 64 + 32 * 64) * 3).subarray(0, 64 * 3);
    for (const x of [0, 20, 63]) {
      const [r, g, b] = row.subarray(3 * x, 3 * x + 3);
      assert.deepEqual([r, r], [g, b]);
      assert.ok(Math.abs(r - (40 + 2 * x)) < 5, `column ${x} is ${r}`);
    }
  });

  it('passes over what systems leave beside the images', async () => {
    const { checksum } = await read();
    put('train/.DS_Store', 'x');
    put('train/notes.txt', 'x');
    put('train/n01/images/._n01_2.JPEG', 'x');
    put('val/images/._val_0.JPEG', 'x');
    assert.equal((await read()).checksum, checksum);
  });

  describe('keeps what it decoded', () => {
    const cache = () => inner('.cache', 'pixels.bin');
    const decodes = async () => {
      let decoded = 0;
      const dataset = await readTinyImagenet(folder(), (done) => {
        decoded = done;
      });
      return { decoded, dataset };
    };

    it('and takes it from there, bit for bit', async () => {
      const first = await decodes();
      const second = await decodes();
      assert.deepEqual([first.decoded, second.decoded], [5, 0]);
      assert.deepEqual(second.dataset, first.dataset);
      assert.ok(second.dataset.train.pixels.buffer instanceof SharedArrayBuffer);
    });

    it('but not when a file has changed', async () => {
      const { dataset } = await decodes();
      put('train/n01/images/n01_2.JPEG', await jpeg(blue));
      const other = await decodes();
      assert.equal(other.decoded, 5);
      assert.notEqual(other.dataset.checksum, dataset.checksum);
      utimesSync(inner('val/images/val_0.JPEG'), 1, 1);
      assert.equal((await decodes()).decoded, 5, 'another time of change');
    });

    it('but not when what it kept is damaged or cut short', async () => {
      const { dataset } = await decodes();
      const bytes = readFileSync(cache());
      bytes[40_000] ^= 1;
      writeFileSync(cache(), bytes);
      assert.deepEqual(await decodes(), { decoded: 5, dataset });
      truncateSync(cache(), statSync(cache()).size - 1);
      assert.deepEqual(await decodes(), { decoded: 5, dataset });
      assert.deepEqual(await decodes(), { decoded: 0, dataset });
    });

    it('and does without where it cannot be kept', async () => {
      mkdirSync(cache(), { recursive: true });
      assert.equal((await decodes()).decoded, 5);
      assert.equal((await decodes()).decoded, 5);
    });
  });

  describe('refuses', () => {
    it('an image that is damaged, cut short or of another size, naming it', async () => {
      const whole = await jpeg(red);
      put('train/n02/images/n02_0.JPEG', whole.subarray(0, whole.length - 20));
      await refuses(/n02_0\.JPEG cannot be used: it ends too early/);
      put('train/n02/images/n02_0.JPEG', 'no image at all');
      await refuses(/n02_0\.JPEG cannot be used: its 15 bytes are no JPEG/);
      put('train/n02/images/n02_0.JPEG', Buffer.concat([Buffer.from('ffd8ffdaffd9', 'hex')]));
      await refuses(/n02_0\.JPEG cannot be used/);
      put('train/n02/images/n02_0.JPEG', await jpeg(red, 32));
      await refuses(/n02_0\.JPEG cannot be used: it is 32x32 pixels; expected 64x64/);
    });

    it('a class without a folder or images, and a folder that is no class', async () => {
      put('wnids.txt', 'n01\nn02\nn03\n');
      await refuses(/train\/n03\/images is missing/, /npx mnn data fetch tiny-imagenet/);
      mkdirSync(inner('train/n03/images'), { recursive: true });
      await refuses(/train\/n03\/images holds no \.JPEG file/);
      put('wnids.txt', 'n01\nn02\n');
      await refuses(/train\/n03 is no class of wnids\.txt/);
    });

    it('a folder without the training images, or a file in its place', async () => {
      rmSync(inner('train'), { recursive: true });
      await refuses(/tiny-imagenet-200\/train is missing/);
      put('train', 'x');
      await refuses(/tiny-imagenet-200\/train is not a folder/);
    });

    it('annotations without an image, and images without an annotation or a known class', async () => {
      annotations(['val_0.JPEG', 'n01'], ['val_1.JPEG', 'n02'], ['val_2.JPEG', 'n02']);
      await refuses(/val_2\.JPEG is missing; val\/val_annotations\.txt names it/);
      annotations(['val_0.JPEG', 'n01']);
      await refuses(/val_annotations\.txt gives val_1\.JPEG no class/);
      annotations(['val_0.JPEG', 'n01'], ['val_1.JPEG', 'n07']);
      await refuses(/gives val_1\.JPEG the class n07, which wnids\.txt lacks/);
    });

    it('a folder that is not there', async () => {
      rmSync(inner(), { recursive: true });
      await refuses(/Tiny ImageNet is not in/, /npx mnn data fetch tiny-imagenet/);
    });
  });
});
