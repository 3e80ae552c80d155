import assert from 'node:assert/strict';
import { sampleJitter } from '../../lib/augment/color-jitter';
import { CompiledPainter } from '../../lib/augment/compiled-painter';
import { normalize } from '../../lib/augment/normalize';
import { sampleCrop } from '../../lib/augment/random-resized-crop';
import { paintView, type Recoloring, type ViewPlan } from '../../lib/augment/view-plan';
import { UserError } from '../../lib/core/errors';
import { randomStream } from '../../lib/core/random';
import { golden, goldenBytes } from '../golden';
import { goldenImage, noiseImages } from './images';

const transforms = golden('transforms');
const normalization = { mean: [0.5, 0.4, 0.3], std: [0.2, 0.25, 0.3] } as const;
const wide = { brightness: 0.9, contrast: 0.9, saturation: 0.9, hue: 0.5 };

describe('CompiledPainter', () => {
  for (const run of transforms.pipeline) {
    it(`equals torchvision: the whole strong view, ${run.dataset}`, () => {
      const [top, left, height, width] = run.box;
      const plan: ViewPlan = {
        crop: { top, left, height, width },
        flip: Boolean(run.flip),
        jitter: run.order ? { order: run.order, factors: run.factors } : undefined,
        gray: Boolean(run.gray),
        sigma: run.sigma || undefined,
      };
      assertPaints(goldenImage(32), 32, plan, 32, goldenBytes(run.uint8_result));
    });
  }

  for (const [from, to] of [
    [32, 32],
    [96, 64],
    [64, 64],
    [96, 32],
  ] as const) {
    it(`equals Pillow: resized crops of ${from}x${from} to ${to}x${to}`, () => {
      for (const row of transforms[`resized_crop_${from}_to_${to}`]) {
        const [top, left, height, width] = row.box_top_left_height_width;
        const plan = { crop: { top, left, height, width }, flip: false };
        assertPaints(goldenImage(from), from, plan, to, goldenBytes(row.result));
      }
    });
  }

  const names = ['brightness', 'contrast', 'saturation', 'hue'];
  for (const { op, factor, result } of transforms.color_jitter_single) {
    it(`equals torchvision: ${op} ${factor}`, () => {
      assertRecolors({ jitter: { order: [names.indexOf(op)], factors: Array(4).fill(factor) } }, result);
    });
  }

  it('equals torchvision: jitters in any order', () => {
    for (const { order, factors, result } of transforms.color_jitter_sequence) {
      assertRecolors({ jitter: { order, factors } }, result);
    }
  });

  it('equals the plain operations on images that are no squares', () => {
    const random = randomStream(5, 'augment');
    const painter = new CompiledPainter(60, 24);
    for (const [width, height] of [
      [60, 20],
      [18, 40],
      [24, 24],
    ]) {
      const source = noiseImages(1, 60).pixels.subarray(0, width * height * 3);
      const plan = { crop: sampleCrop(random, { width, height }, [0.2, 1]), flip: true, sigma: 1 };
      const out = new Float32Array(24 * 24 * 3);
      painter.paint(source, plan, normalization, out, 0, width);
      const view = new Uint8Array(24 * 24 * 3);
      paintView(source, { width, height }, plan, 24, view);
      const expected = new Float32Array(view.length);
      normalize(view, normalization, expected, 0);
      assert.deepEqual(out, expected);
    }
  });

  it('equals Pillow: flip, grayscale and blurs', () => {
    assertPaints(goldenImage(32), 32, { ...whole(32), flip: true }, 32, goldenBytes(transforms.hflip));
    assertRecolors({ gray: true }, transforms.grayscale3);
    for (const { sigma, result } of transforms.gaussian_blur) assertRecolors({ sigma }, result);
  });

  for (const [from, to] of [
    [32, 32],
    [64, 64],
    [96, 64],
    [50, 16],
    [20, 17],
    [9, 31],
    [7, 3],
    [1, 1],
  ]) {
    it(`paints as the plain operations do, whatever was drawn: ${from} to ${to} pixels`, () => {
      const { count, pixels } = noiseImages(20, from);
      const painter = new CompiledPainter(from, to);
      for (let i = 0; i < 200; i++) {
        const start = (i % count) * from * from * 3;
        const source = pixels.subarray(start, start + from * from * 3);
        const random = randomStream(5, 'augment', from, i);
        const plan: ViewPlan = {
          crop: sampleCrop(random, from, [0.02, 1]),
          flip: random.uniform() < 0.5,
          jitter: random.uniform() < 0.8 ? sampleJitter(random, wide) : undefined,
          gray: random.uniform() < 0.2,
          sigma: random.uniform() < 0.5 ? random.uniform(0.05, 4) : undefined,
        };
        assertSameAsPlain(painter, source, plan, to);
      }
    });
  }

  it('turns the hue of every color as the plain operation does', () => {
    const painter = new CompiledPainter(256, 256);
    const colors = new Uint8Array(256 * 256 * 3);
    for (let i = 0; i < 256 * 256; i++) colors.set([0, i & 255, i >> 8], 3 * i);
    for (let red = 0; red < 256; red++) {
      for (let i = 0; i < colors.length; i += 3) colors[i] = red;
      const factor = (red - 128) / 256;
      const jitter = { order: [3], factors: [0, 0, 0, factor] };
      assertSameAsPlain(painter, colors, { ...whole(256), jitter }, 256);
    }
  });

  it('takes images and normalizations in turn, and touches only the place of the view', () => {
    const painter = new CompiledPainter(8, 5);
    const { pixels } = noiseImages(2, 8);
    const other = { mean: [0, 0, 0], std: [1, 1, 1] } as const;
    const out = new Float32Array(5 * 5 * 3 + 2).fill(7);
    for (const [start, now] of [
      [0, normalization],
      [192, other],
      [0, normalization],
    ] as const) {
      const source = pixels.subarray(start, start + 192);
      painter.paint(source, whole(8), now, out, 1);
      assert.deepEqual(out.subarray(1, -1), plainly(source, 8, whole(8), 5, now));
      assert.deepEqual([out[0], out[76]], [7, 7]);
    }
  });

  it('blurs as far as its sums go and refuses what is wider or none', () => {
    const painter = new CompiledPainter(8, 8);
    const { pixels } = noiseImages(1, 8);
    assertSameAsPlain(painter, pixels, { ...whole(8), sigma: 63 }, 8);
    const out = new Float32Array(192);
    for (const sigma of [70, 0]) {
      const blurring = () => painter.paint(pixels, { ...whole(8), sigma }, normalization, out, 0);
      assert.throws(blurring, UserError);
    }
  });
});

function whole(size: number): ViewPlan {
  return { crop: { top: 0, left: 0, height: size, width: size }, flip: false };
}

function assertRecolors(recoloring: Recoloring, result: Parameters<typeof goldenBytes>[0]): void {
  assertPaints(goldenImage(32), 32, { ...whole(32), ...recoloring }, 32, goldenBytes(result));
}

function assertPaints(
  source: Uint8Array,
  sourceSize: number,
  plan: ViewPlan,
  size: number,
  expected: Uint8Array,
): void {
  const out = new Float32Array(expected.length);
  new CompiledPainter(sourceSize, size).paint(source, plan, normalization, out, 0);
  const normalized = new Float32Array(expected.length);
  normalize(expected, normalization, normalized, 0);
  assert.deepEqual(out, normalized);
}

function assertSameAsPlain(painter: CompiledPainter, source: Uint8Array, plan: ViewPlan, size: number): void {
  const out = new Float32Array(size * size * 3);
  painter.paint(source, plan, normalization, out, 0);
  const expected = plainly(source, painter.sourceSize, plan, size, normalization);
  // Faster than a comparison of the arrays by assert, and as strict: all values are finite.
  const wrong = out.findIndex((value, i) => value !== expected[i]);
  assert.equal(wrong, -1, `value ${wrong} of ${JSON.stringify(plan)}`);
}

function plainly(
  source: Uint8Array,
  sourceSize: number,
  plan: ViewPlan,
  size: number,
  { mean, std }: { mean: readonly [number, number, number]; std: readonly [number, number, number] },
): Float32Array {
  const view = new Uint8Array(size * size * 3);
  paintView(source, sourceSize, plan, size, view);
  const out = new Float32Array(view.length);
  normalize(view, { mean, std }, out, 0);
  return out;
}
