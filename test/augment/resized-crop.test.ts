import assert from 'node:assert/strict';
import { resizedCrop } from '../../lib/augment/resized-crop';
import { UserError } from '../../lib/core/errors';
import { golden, goldenBytes } from '../golden';
import { goldenImage } from './images';

const transforms = golden('transforms');

describe('resizedCrop', () => {
  for (const [from, to] of [
    [32, 32],
    [96, 64],
    [64, 64],
    [96, 32],
  ] as const) {
    for (const row of transforms[`resized_crop_${from}_to_${to}`]) {
      const [top, left, height, width] = row.box_top_left_height_width;
      it(`equals Pillow: ${height}x${width} at ${top},${left} of ${from}x${from} to ${to}x${to}`, () => {
        const out = new Uint8Array(to * to * 3);
        resizedCrop(goldenImage(from), from, { top, left, height, width }, to, out);
        assert.deepEqual(out, goldenBytes(row.result));
      });
    }
  }

  it('resizes a crop of one pixel to a plain image', () => {
    const out = new Uint8Array(8 * 8 * 3);
    const image = goldenImage(32);
    resizedCrop(image, 32, { top: 3, left: 4, height: 1, width: 1 }, 8, out);
    const pixel = (3 * 32 + 4) * 3;
    assert.deepEqual(
      out,
      Uint8Array.from({ length: out.length }, (_, i) => image[pixel + (i % 3)]),
    );
  });

  it('refuses arrays that do not hold the images, and sizes that are none', () => {
    const box = { top: 0, left: 0, height: 4, width: 4 };
    const crop = (sourceLength: number, size: number, outLength: number) => () =>
      resizedCrop(new Uint8Array(sourceLength), 4, box, size, new Uint8Array(outLength));
    assert.throws(crop(47, 4, 48), UserError);
    assert.throws(crop(48, 4, 47), UserError);
    assert.throws(crop(48, 0, 0), /The view is 0 pixels/);
    assert.throws(crop(48, 2.5, 48), UserError);
  });
});
