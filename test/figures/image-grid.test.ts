import assert from 'node:assert/strict';
import { Transformer } from '@napi-rs/image';
import { augment } from '../../lib';
import { imageGrid, renderPng, renderSvg } from '../../lib/figures';

/** Two images of 2 x 2 pixels. */
const images = {
  count: 2,
  size: 2,
  pixels: Uint8Array.from([...[255, 0, 0, 0, 255, 0, 0, 0, 255, 9, 9, 9], ...Array(12).fill(100)]),
};
type Cell = { uri: string; caption: string; x: number; y: number };
const cells = async (...args: Parameters<typeof imageGrid>) =>
  ((await imageGrid(...args)).data as { values: Cell[] }).values;

describe('A grid of images', () => {
  it('draws each pixel as a square of its own color', async () => {
    const [{ uri }] = await cells(images);
    const png = new Transformer(Buffer.from(uri.split(',')[1], 'base64'));
    const { width, height } = await png.metadata();
    assert.deepEqual([width, height], [80, 80]);
    const rgba = await png.rawPixels();
    const channels = rgba.length / (80 * 80);
    const color = (x: number, y: number) => [...rgba.subarray((y * 80 + x) * channels).subarray(0, 3)];
    assert.deepEqual(
      [color(39, 39), color(40, 39), color(39, 40), color(79, 79)],
      [
        [255, 0, 0],
        [0, 255, 0],
        [0, 0, 255],
        [9, 9, 9],
      ],
    );
  });

  it('stays sharp where it is drawn larger', async () => {
    const png = new Transformer(Buffer.from(await renderPng(await imageGrid(images), { scale: 3 })));
    const { width } = await png.metadata();
    const drawn = await png.rawPixels();
    const channels = drawn.length / (width * (await png.metadata()).height);
    // A row of pixels that crosses both images has their colors and the background's, and none between.
    const row = drawn.subarray(width * channels * 60, width * channels * 61);
    const colors = new Set(
      Array.from({ length: width }, (_, x) => row.subarray(x * channels, x * channels + 3).join()),
    );
    assert.deepEqual(colors, new Set(['255,255,255', '255,0,0', '0,255,0', '100,100,100']));
  });

  it('puts images in rows with their captions below', async () => {
    const placed = await cells(images, { columns: 1, captions: ['a', 'b'] });
    assert.deepEqual(
      placed.map(({ caption, x, y }) => [caption, x, y]),
      [
        ['a', 0, 0],
        ['b', 0, 104],
      ],
    );
    const svg = await renderSvg(await imageGrid(images, { title: 'Two', captions: ['a', 'b'] }));
    for (const text of ['Two', 'a', 'b']) assert.ok(svg.includes(`>${text}</text>`), text);
    assert.equal(svg.match(/<image /g)?.length, 2);
  });

  it('cuts a long row of images and says so', async () => {
    const many = { count: 70, size: 1, pixels: new Uint8Array(210) };
    const { title } = await imageGrid(many, { title: 'Many' });
    assert.equal(title?.subtitle, 'The first 64 of 70 images');
  });

  it('refuses no images, and captions for others', async () => {
    await assert.rejects(imageGrid({ ...images, count: 0 }), /no images/);
    await assert.rejects(imageGrid(images, { captions: ['a'] }), /1 captions for 2 images/);
  });

  it('shows views as the images that they were', () => {
    const normalization = { mean: [0.5, 0.4, 0.3], std: [0.2, 0.3, 0.4] } as const;
    const views = new Float32Array(images.pixels.length);
    augment.normalize(images.pixels, normalization, views, 0);
    assert.deepEqual(augment.denormalize(views, 2, normalization), images);
    assert.throws(() => augment.denormalize(views, 3, normalization), /24 values are not a whole number/);
  });
});
