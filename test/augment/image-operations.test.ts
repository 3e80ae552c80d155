import assert from 'node:assert/strict';
import { adjustBrightness, adjustContrast, adjustSaturation } from '../../lib/augment/blend';
import { colorJitter } from '../../lib/augment/color-jitter';
import { boxBlur, gaussianBlur } from '../../lib/augment/gaussian-blur';
import { grayscale, luma } from '../../lib/augment/grayscale';
import { horizontalFlip } from '../../lib/augment/horizontal-flip';
import { adjustHue, hueOf, saturationOf, writeHsv } from '../../lib/augment/hue';
import { normalize } from '../../lib/augment/normalize';
import { resizedCrop } from '../../lib/augment/resized-crop';
import { UserError } from '../../lib/core/errors';
import { golden, goldenBytes } from '../golden';
import { changed, goldenImage } from './images';

const transforms = golden('transforms');
const image32 = goldenImage(32);

describe('horizontalFlip', () => {
  it('equals Pillow', () => {
    const flipped = changed(image32, (image) => horizontalFlip(image, 32));
    assert.deepEqual(flipped, goldenBytes(transforms.hflip));
  });

  it('keeps the middle column of an odd width', () => {
    assert.deepEqual(
      changed(Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9), (image) => horizontalFlip(image, 3)),
      Uint8Array.of(7, 8, 9, 4, 5, 6, 1, 2, 3),
    );
  });
});

describe('grayscale', () => {
  it("equals Pillow's three-channel grayscale", () => {
    assert.deepEqual(changed(image32, grayscale), goldenBytes(transforms.grayscale3));
  });

  it("has Pillow's luma for 600 colors", () => {
    const rgb = goldenBytes(transforms.rgb_table);
    const expected = goldenBytes(transforms.luma_of_rgb_table);
    const actual = expected.map((_, i) => luma(rgb[3 * i], rgb[3 * i + 1], rgb[3 * i + 2]));
    assert.deepEqual(actual, expected);
  });

  it('rounds half of a gray level up', () => {
    assert.equal(luma(0, 52, 184), 52);
  });
});

describe('color jitter', () => {
  const operations: Record<string, (image: Uint8Array, factor: number) => void> = {
    brightness: adjustBrightness,
    contrast: adjustContrast,
    saturation: adjustSaturation,
    hue: adjustHue,
  };
  for (const { op, factor, result } of transforms.color_jitter_single) {
    it(`equals torchvision: ${op} ${factor}`, () => {
      const jittered = changed(image32, (image) => operations[op](image, factor));
      assert.deepEqual(jittered, goldenBytes(result));
    });
  }

  for (const { order, factors, result } of transforms.color_jitter_sequence) {
    it(`equals torchvision: operations ${order} one after the other`, () => {
      const jittered = changed(image32, (image) => colorJitter(image, { order, factors }));
      assert.deepEqual(jittered, goldenBytes(result));
    });
  }

  it('takes contrast from the mean luma, a half rounded up', () => {
    const pixels = Uint8Array.of(100, 100, 100, 101, 101, 101);
    assert.deepEqual(
      changed(pixels, (image) => adjustContrast(image, 0)),
      new Uint8Array(6).fill(101),
    );
  });

  it('refuses a hue factor outside half a turn', () => {
    assert.throws(() => adjustHue(image32.slice(), 0.6), UserError);
    assert.throws(() => adjustHue(image32.slice(), Number.NaN), UserError);
  });
});

describe('HSV', () => {
  it("equals Pillow's HSV for 600 colors", () => {
    const rgb = goldenBytes(transforms.rgb_table);
    const hsv = goldenBytes(transforms.hsv_of_rgb_table);
    for (let i = 0; i < rgb.length; i += 3) {
      const [red, green, blue] = rgb.subarray(i, i + 3);
      const value = Math.max(red, green, blue);
      const chroma = value - Math.min(red, green, blue);
      const expected = [...hsv.subarray(i, i + 3)];
      if (chroma === 0) assert.deepEqual([0, 0, value], expected);
      else
        assert.deepEqual(
          [hueOf(red, green, blue, value, chroma), saturationOf(value, chroma), value],
          expected,
        );
    }
  });

  for (const [from, to] of [
    ['hsv_of_rgb_table', 'rgb_of_hsv_table'],
    ['hsv_grid', 'rgb_of_hsv_grid'],
  ]) {
    it(`goes back to RGB as Pillow does: ${from}`, () => {
      const hsv = goldenBytes(transforms[from]);
      const rgb = new Uint8Array(hsv.length);
      for (let i = 0; i < hsv.length; i += 3) writeHsv(rgb, i, hsv[i], hsv[i + 1], hsv[i + 2]);
      assert.deepEqual(rgb, goldenBytes(transforms[to]));
    });
  }
});

describe('gaussianBlur', () => {
  for (const { sigma, result } of transforms.gaussian_blur) {
    it(`equals Pillow: sigma ${sigma}`, () => {
      assert.deepEqual(
        changed(image32, (image) => gaussianBlur(image, 32, sigma)),
        goldenBytes(result),
      );
    });
  }

  for (const { radius, result } of transforms.box_blur) {
    it(`rests on Pillow's box blur: radius ${radius}`, () => {
      assert.deepEqual(
        changed(image32, (image) => boxBlur(image, 32, radius)),
        goldenBytes(result),
      );
    });
  }

  it('leaves a plain image as it is, however wide the blur', () => {
    const plain = new Uint8Array(5 * 5 * 3).fill(255);
    for (const sigma of [0.1, 2, 40]) {
      assert.deepEqual(
        changed(plain, (image) => gaussianBlur(image, 5, sigma)),
        plain,
      );
    }
  });

  it('refuses a sigma that is not positive and an image of another size', () => {
    assert.throws(() => gaussianBlur(image32.slice(), 32, 0), UserError);
    assert.throws(() => gaussianBlur(image32.slice(), 31, 1), UserError);
  });
});

describe('normalize', () => {
  for (const dataset of ['cifar10', 'cifar100', 'stl10', 'tinyimagenet']) {
    const row = transforms.normalize[dataset];
    it(`equals torchvision's ToTensor and Normalize: ${dataset}`, () => {
      const out = new Float32Array(image32.length);
      normalize(image32, { mean: row.mean, std: row.std }, out, 0);
      const [channels, columns] = row.first_row_chw.shape;
      for (let channel = 0; channel < channels; channel++) {
        for (let x = 0; x < columns; x++) {
          // The fixture has nine digits, enough to name a float32.
          assert.equal(out[x * 3 + channel], Math.fround(row.first_row_chw.data[channel * columns + x]));
        }
      }
      const sum = out.reduce((a, b) => a + b, 0);
      const absoluteSum = out.reduce((a, b) => a + Math.abs(b), 0);
      assert.ok(Math.abs(sum - row.sum) < 1e-4, `sum ${sum}, expected ${row.sum}`);
      assert.ok(Math.abs(absoluteSum - row.abs_sum) < 1e-4, `sum ${absoluteSum}, expected ${row.abs_sum}`);
    });
  }

  it('writes from the given offset on', () => {
    const out = new Float32Array(9);
    normalize(Uint8Array.of(255, 0, 51), { mean: [0, 0, 0], std: [1, 1, 0.5] }, out, 3);
    assert.deepEqual(out, Float32Array.of(0, 0, 0, 1, 0, 0.4, 0, 0, 0));
  });
});

describe('the whole strong pipeline', () => {
  for (const run of transforms.pipeline) {
    it(`equals torchvision: ${run.dataset}`, () => {
      const [top, left, height, width] = run.box;
      const view = new Uint8Array(32 * 32 * 3);
      resizedCrop(image32, 32, { top, left, height, width }, 32, view);
      if (run.flip) horizontalFlip(view, 32);
      if (run.order) colorJitter(view, run);
      if (run.gray) grayscale(view);
      if (run.sigma) gaussianBlur(view, 32, run.sigma);
      assert.deepEqual(view, goldenBytes(run.uint8_result));

      const out = new Float32Array(view.length);
      normalize(view, transforms.normalize[run.dataset], out, 0);
      const sum = out.reduce((a, b) => a + b, 0);
      assert.ok(Math.abs(sum - run.tensor_sum) < 1e-4, `sum ${sum}, expected ${run.tensor_sum}`);
    });
  }
});
