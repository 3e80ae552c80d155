import assert from 'node:assert/strict';
import {
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { type Dataset, imagesAt, isLabeled, loadDataset, openImages, pixelsOf, subset } from '../../lib/data';
import { failure } from '../training/tiny-run';
import { refusedWith } from './refused';
import { temporaryFolder } from './temporary-folder';

type Color = [number, number, number];

/** A square of one color with a stripe of another at its left. */
function striped(width: number, height: number, color: Color, stripe: Color = color): sharp.Sharp {
  const pixels = Buffer.alloc(width * height * 3);
  for (let i = 0; i < width * height; i++) pixels.set(i % width < width / 4 ? stripe : color, 3 * i);
  return sharp(pixels, { raw: { width, height, channels: 3 } });
}

describe('A folder of images as a dataset', () => {
  const folder = temporaryFolder();
  const photos = () => join(folder(), 'photos');
  const add = async (path: string, image: sharp.Sharp = striped(20, 12, [200, 100, 50])) => {
    mkdirSync(dirname(join(photos(), path)), { recursive: true });
    const kind = /\.(\w+)$/.exec(path)![1].toLowerCase();
    const format = { jpg: 'jpeg', tif: 'tiff' }[kind] ?? kind;
    writeFileSync(join(photos(), path), await image.toFormat(format as 'png').toBuffer());
  };
  const addClasses = async (names: readonly string[], each: number, below = '') => {
    for (const [n, name] of names.entries()) {
      for (let i = 0; i < each; i++) {
        await add(join(below, name, `${i}.png`), striped(16 + i, 12 + n, [40 * n, 20 * i, 100]));
      }
    }
  };
  const load = (options = {}) => loadDataset(photos(), { size: 8, ...options });
  const refusal = (pattern: RegExp, options = {}) => refusedWith(() => load(options), pattern);
  const counts = ({ train, test }: Dataset) => [train.count, test.count];

  it('takes a folder for each class, and draws a fifth of each class for testing by the seed', async () => {
    await addClasses(['b', 'a', 'Ж'], 5);
    const dataset = await load();
    assert.deepEqual(dataset.classes, ['a', 'b', 'Ж']);
    assert.deepEqual(counts(dataset), [12, 3]);
    assert.deepEqual([...dataset.test.labels].sort(), [0, 1, 2]);
    assert.match(dataset.origin!.labels, /^names of the folders; 20 % .* seed 1339$/);
    assert.equal((await load()).checksum, dataset.checksum);
    const others = await Promise.all([2, 3, 4].map((seed) => load({ seed })));
    assert.ok(others.some(({ checksum }) => checksum !== dataset.checksum));
    assert.deepEqual(counts(await load({ testShare: 0.5 })), [6, 9]);
    assert.deepEqual(counts(await load({ testShare: 0 })), [15, 0]);
  });

  for (const [train, test] of [
    ['train', 'val'],
    ['Train', 'test'],
  ]) {
    it(`takes the images below ${train} and ${test} as they are split`, async () => {
      await addClasses(['n01440764', 'n02102040'], 3, train);
      await addClasses(['n02102040'], 2, test);
      const dataset = await load();
      assert.deepEqual(counts(dataset), [6, 2]);
      assert.deepEqual([...dataset.test.labels], [1, 1]);
      assert.equal(dataset.origin!.labels, `names of the folders in ${train} and ${test}`);
      await refusal(/says itself which images are for testing/, { testShare: 0.2 });
    });
  }

  it('takes test before val, and leaves out test images without labels', async () => {
    await addClasses(['a', 'b'], 5, 'train');
    await addClasses(['a', 'b'], 1, 'val');
    await add('test/1.png');
    const dataset = await load();
    assert.deepEqual(counts(dataset), [10, 2]);
    assert.match(dataset.notes!.join('\n'), /test is left out: its 1 image have no labels/);
    await addClasses(['a'], 1, 'test/x');
    rmSync(join(photos(), 'test/1.png'));
    renameSync(join(photos(), 'test/x/a'), join(photos(), 'test/a'));
    rmSync(join(photos(), 'test/x'), { recursive: true });
    const tested = await load();
    assert.deepEqual(counts(tested), [10, 1]);
    assert.match(tested.notes!.join('\n'), /val is left out: the images of test are the test images/);
  });

  it('takes images in the folder itself, which have no labels', async () => {
    for (const name of ['1.JPG', '2.Png', '3.webp', '4.tif', '5.gif', '6.avif']) await add(name);
    const dataset = await load();
    assert.deepEqual(counts(dataset), [6, 0]);
    assert.deepEqual(
      [isLabeled(dataset.train), dataset.classes, dataset.origin!.labels],
      [false, [], 'none'],
    );
    await refusal(/no labels, so there is nothing to test/, { testShare: 0.2 });
  });

  it('passes over what systems leave, and says how many other files there are', async () => {
    await addClasses(['a', 'b'], 2);
    for (const name of ['.DS_Store', 'a/Thumbs.db', 'a/._0.png', '.hidden/x.png', '__MACOSX/a/0.png']) {
      mkdirSync(dirname(join(photos(), name)), { recursive: true });
      writeFileSync(join(photos(), name), 'x');
    }
    assert.deepEqual(counts(await load()), [2, 2]);
    writeFileSync(join(photos(), 'b/notes.txt'), 'x');
    assert.match((await load()).notes![0], /1 file that is no image left out, such as b.notes\.txt/);
  });

  it('takes images in folders below a class for that class', async () => {
    await addClasses(['a', 'b'], 2);
    await addClasses(['deep'], 3, 'a');
    const { train } = await load({ testShare: 0 });
    assert.deepEqual([...train.labels], [0, 0, 0, 0, 0, 1, 1]);
  });

  describe('decodes', () => {
    /** The pixel in the middle of the only image's square. */
    const middle = async (image: sharp.Sharp, name: string) => {
      await add(name, image);
      const { train } = await load();
      return [...pixelsOf(train, 0, 1).subarray(3 * (4 * 8 + 4), 3 * (4 * 8 + 4) + 3)];
    };
    const near = (actual: number[], expected: number[], tolerance: number) => {
      for (const [i, value] of expected.entries())
        assert.ok(Math.abs(actual[i] - value) <= tolerance, `${actual}`);
    };

    it('gray, CMYK, palettes, 16 bits and transparent images, these on white', async () => {
      const gray = striped(20, 20, [90, 90, 90]).toColourspace('b-w');
      near(await middle(gray, 'a.jpg'), [90, 90, 90], 2);
      const bytes = await striped(20, 20, [200, 60, 30]).toColourspace('cmyk').jpeg().toBuffer();
      assert.equal((await sharp(bytes).metadata()).space, 'cmyk');
      writeFileSync(join(photos(), 'a.jpg'), bytes);
      near(await middle(striped(20, 20, [0, 0, 0]), 'z.png'), [200, 60, 30], 32);
      rmSync(join(photos(), 'a.jpg'));
      rmSync(join(photos(), 'z.png'));
      writeFileSync(
        join(photos(), 'a.png'),
        await striped(20, 20, [10, 20, 30]).png({ palette: true }).toBuffer(),
      );
      near(await middle(striped(20, 20, [0, 0, 0]), 'z.png'), [10, 20, 30], 2);
      const row = Buffer.from([0, ...Array(20).fill([0x80, 0x00]).flat()]);
      const deep = { depth: 16, colors: 0, rows: Buffer.concat(Array(20).fill(row)) };
      writeFileSync(join(photos(), 'a.png'), png(20, deep));
      near(await middle(striped(20, 20, [0, 0, 0]), 'z.png'), [128, 128, 128], 1);
      const clear = {
        width: 20,
        height: 20,
        channels: 4,
        background: { r: 255, g: 0, b: 0, alpha: 0 },
      } as const;
      writeFileSync(join(photos(), 'a.png'), await sharp({ create: clear }).png().toBuffer());
      near(await middle(striped(20, 20, [0, 0, 0]), 'z.png'), [255, 255, 255], 0);
    });

    it('photos of a turned phone upright', async () => {
      mkdirSync(photos(), { recursive: true });
      // As it is seen the stripe is at the left; in the file, turned, it is at the bottom.
      const turned = striped(40, 40, [255, 255, 255], [0, 0, 0]).rotate(-90).withMetadata({ orientation: 6 });
      writeFileSync(join(photos(), 'phone.jpg'), await turned.jpeg({ quality: 100 }).toBuffer());
      const pixels = pixelsOf((await load()).train, 0, 1);
      const at = (x: number, y: number) => pixels[3 * (y * 8 + x)];
      assert.ok(at(0, 0) < 60 && at(0, 7) < 60 && at(7, 0) > 200 && at(7, 7) > 200);
    });

    it('the shorter side to the size, keeps the whole for crops, and evaluates the middle', async () => {
      await add('wide.png', striped(400, 40, [255, 255, 255], [0, 0, 0]));
      await add('wider.png', striped(4000, 40, [255, 255, 255]));
      await add('high.png', striped(10, 25, [255, 255, 255]));
      const { train } = await load();
      const opened = openImages([train]);
      const shapes = [0, 1, 2].map((i) => {
        const { width, height } = opened.whole(i);
        return [width, height];
      });
      assert.deepEqual(shapes, [
        [8, 20],
        [24, 8],
        [24, 8],
      ]);
      opened.close();
      assert.equal(imagesAt(train, [0, 1]).pixels.length, 2 * 8 * 8 * 3);
    });
  });

  it('measures mean and deviation on the training images', async () => {
    await add('a/1.png', striped(16, 16, [255, 0, 51]));
    await add('b/1.png', striped(16, 16, [0, 0, 51]));
    const { normalization } = await load({ testShare: 0 });
    const rounded = (values: readonly number[]) => values.map((value) => Math.round(1000 * value) / 1000);
    assert.deepEqual(rounded(normalization.mean), [0.5, 0, 0.2]);
    assert.deepEqual(rounded(normalization.std), [0.5, 0.004, 0.004]);
  });

  describe('keeps what it decoded', () => {
    const cache = () => join(folder(), '.mnn-cache');
    const index = () => join(cache(), readdirSync(cache())[0], 'images.index');
    const lines = () => readFileSync(index(), 'utf8').trimEnd().split('\n').length - 1;

    it('beside the folder, and decodes only what was changed or added', async () => {
      await addClasses(['a', 'b'], 3);
      const before = await load();
      assert.equal(lines(), 6);
      await load();
      assert.equal(lines(), 6);
      await add('a/0.png', striped(30, 30, [1, 2, 3]));
      const changed = await load();
      assert.equal(lines(), 7);
      assert.notEqual(changed.checksum, before.checksum);
      await add('b/9.png');
      rmSync(join(photos(), 'a/0.png'));
      assert.deepEqual(counts(await load({ testShare: 0 })), [6, 0]);
      assert.equal(lines(), 8);
    });

    it('also when it was killed in the middle of a line, and when the cache is damaged', async () => {
      await addClasses(['a', 'b'], 3);
      const { checksum } = await load();
      const text = readFileSync(index(), 'utf8');
      writeFileSync(index(), text.slice(0, text.length - 20));
      assert.equal((await load()).checksum, checksum);
      assert.equal(readFileSync(index(), 'utf8').split('\n').length, text.split('\n').length);
      writeFileSync(index(), 'something else\n');
      assert.equal((await load()).checksum, checksum);
      assert.equal(lines(), 6);
      writeFileSync(index().replace('images.index', 'images.pixels'), '');
      assert.equal((await load()).checksum, checksum);
    });

    it('of each size apart, and finds a folder that was moved to where the datasets are', async () => {
      await addClasses(['a', 'b'], 3);
      await load();
      assert.equal((await load({ size: 12 })).imageSize, 12);
      assert.equal(readdirSync(cache()).length, 2);
      mkdirSync(join(folder(), 'data'));
      cpSync(photos(), join(folder(), 'data/photos'), { recursive: true });
      rmSync(photos(), { recursive: true });
      assert.deepEqual(counts(await load({ data: join(folder(), 'data') })), [4, 2]);
    });
  });

  it('takes a part without reading pixels, and the part has a checksum of its own', async () => {
    await addClasses(['a', 'b'], 10);
    const whole = await load();
    const part = subset(whole, { train: 4, test: 2, seed: 1 });
    assert.deepEqual(counts(part), [4, 2]);
    assert.notEqual(part.checksum, whole.checksum);
    assert.equal(part.drawnFrom!.checksum, whole.checksum);
    assert.ok('file' in part.train && part.train.file === (whole.train as typeof part.train).file);
  });

  describe('refuses in a sentence', () => {
    it('a folder that is not there, a file, an empty one and one without images', async () => {
      await refusal(/There is no folder .*photos/);
      writeFileSync(photos(), '');
      await refusal(/photos is a file\. Name a folder/);
      rmSync(photos());
      mkdirSync(photos());
      await refusal(/has no images .*It is empty\. Expected a folder for each class/);
      writeFileSync(join(photos(), 'a.txt'), '');
      await refusal(/has no images .*1 other file, such as a\.txt/);
    });

    it('labels for some images only, and a class that only the test images have', async () => {
      await addClasses(['a', 'b'], 2);
      await add('x.png');
      await refusal(
        /labels for some images only: 4 images in 2 class folders, and 1 beside them, such as x\.png/,
      );
      rmSync(photos(), { recursive: true });
      await addClasses(['a', 'b'], 1, 'train');
      await addClasses(['c'], 1, 'val');
      await refusal(/val.c is a class that train does not have\. Its classes are a, b/);
    });

    it('broken images, all of them by name, and leaves them out if asked', async () => {
      await addClasses(['a', 'b'], 3);
      writeFileSync(join(photos(), 'a/text.jpg'), 'hello');
      writeFileSync(join(photos(), 'b/empty.png'), '');
      const noise = Buffer.from(Array.from({ length: 3 * 64 * 64 }, (_, i) => (i * 7919) % 256));
      const jpeg = await sharp(noise, { raw: { width: 64, height: 64, channels: 3 } })
        .jpeg()
        .toBuffer();
      writeFileSync(join(photos(), 'b/cut.jpg'), jpeg.subarray(0, jpeg.length >> 1));
      symlinkSync('nowhere.png', join(photos(), 'b/link.png'));
      await refusal(/4 of 10 images in .* cannot be used:/);
      await refusal(/a\/text\.jpg is no image, whatever its name says/);
      await refusal(/b\/empty\.png is empty/);
      await refusal(/b\/cut\.jpg cannot be decoded \(/);
      await refusal(/b\/link\.png cannot be read \(ENOENT\)/);
      const { origin, notes, train } = await load({ skipBroken: true, testShare: 0 });
      assert.deepEqual([origin!.broken, train.count], [4, 6]);
      assert.match(notes!.join('\n'), /4 broken images are left out/);
    });

    it('an image of 20,000 x 20,000 pixels by its header, and a PNG that says it is larger still', async () => {
      await addClasses(['a', 'b'], 2);
      for (const [name, side] of [
        ['huge', 20_000],
        ['bomb', 200_000],
      ] as const) {
        writeFileSync(join(photos(), `a/${name}.png`), png(side, {}));
      }
      const start = performance.now();
      await refusal(/a\/huge\.png is 20000 x 20000 pixels, more than 268,435,456: make it smaller/);
      await refusal(/a\/bomb\.png .*/);
      assert.ok(performance.now() - start < 5000);
    });

    it('impossible sizes and shares', async () => {
      await addClasses(['a', 'b'], 2);
      await refusal(/image size of 4 .* from 8 to 1024/, { size: 4 });
      await refusal(/test share of 1 .* below 1/, { testShare: 1 });
      await failure(
        loadDataset('shapes10', { testShare: 0.5 }),
        Error,
        /testShare is for a folder of images/,
      );
    });
  });

  it('says when a class has one image, a folder none, and when links leave the folder or lead in a circle', async () => {
    await addClasses(['a'], 4);
    await add('b/only.png');
    mkdirSync(join(photos(), 'empty'));
    const outside = join(folder(), 'elsewhere');
    mkdirSync(outside);
    cpSync(join(photos(), 'a/0.png'), join(outside, 'x.png'));
    symlinkSync(outside, join(photos(), 'c'));
    mkdirSync(join(photos(), 'a/deep'));
    symlinkSync('..', join(photos(), 'a/deep/up'));
    const dataset = await load();
    assert.deepEqual(dataset.classes, ['a', 'b', 'c']);
    const notes = dataset.notes!.join('\n');
    assert.match(notes, /Class 'b' has one image: it is for training, and none is tested/);
    assert.match(notes, /empty is left out: it has no images/);
    assert.match(notes, /1 link out of the folder followed: c leads to .*elsewhere/);
    assert.match(notes, /a.deep.up is not followed: the link leads in a circle/);
    assert.deepEqual(counts(dataset), [5, 1]);
  });
});

/** A square PNG, written by hand: its header can say what it likes. */
function png(side: number, { depth = 8, colors = 2, rows = Buffer.alloc(1 << 22) }): Buffer {
  const chunk = (type: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    sum.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, sum]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  header.set([depth, colors, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const data = chunk('IDAT', deflateSync(rows));
  return Buffer.concat([signature, chunk('IHDR', header), data, chunk('IEND', Buffer.alloc(0))]);
}
