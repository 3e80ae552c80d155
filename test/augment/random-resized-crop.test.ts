import assert from 'node:assert/strict';
import { type CropBox, sampleCrop } from '../../lib/augment/random-resized-crop';
import { UserError } from '../../lib/core/errors';
import { randomStream } from '../../lib/core/random';
import { golden } from '../golden';
import { scripted } from './images';

const { table, statistics } = golden('crop_sampling');
/** Shares that lead to the 16x16 crop of a 32x32 image with scale (0.25, 1): area 0.25, ratio 1. */
const QUARTER = [0, 0.5];

describe('sampleCrop', () => {
  it("gives torchvision's height and width for the same uniform numbers", () => {
    for (const row of table) {
      const random = scripted([row.u_scale, row.u_log_ratio, ...Array(18).fill(0.5)]);
      const { height, width } = sampleCrop(random, row.H, row.scale);
      if (row.accepted) assert.deepEqual({ height, width }, { height: row.h, width: row.w });
      else assert.notDeepEqual({ height, width }, { height: row.h, width: row.w });
    }
  });

  it('tries again when a crop does not fit', () => {
    const tooWide = [1, 1];
    const box = sampleCrop(scripted([...tooWide, ...QUARTER]), 32, [0.25, 1]);
    assert.deepEqual(box, { top: 0, left: 0, height: 16, width: 16 });
  });

  it('tries ten times', () => {
    const box = sampleCrop(scripted([...Array(18).fill(1), ...QUARTER]), 32, [0.25, 1]);
    assert.deepEqual(box, { top: 0, left: 0, height: 16, width: 16 });
  });

  it('takes the whole image after ten crops that do not fit', () => {
    const box = sampleCrop(scripted([...Array(20).fill(1), ...QUARTER]), 32, [0.25, 1]);
    assert.deepEqual(box, { top: 0, left: 0, height: 32, width: 32 });
  });

  it('takes the middle of an image that is no square, in a ratio of at most 4 to 3, when no crop fits', () => {
    const crop = (width: number, height: number) =>
      sampleCrop(scripted([...Array(20).fill(1), ...QUARTER]), { width, height }, [0.25, 1]);
    assert.deepEqual(crop(96, 30), { top: 0, left: 28, height: 30, width: 40 });
    assert.deepEqual(crop(30, 30), { top: 0, left: 0, height: 30, width: 30 });
  });

  it('reaches both ends of an image that is no square', () => {
    const random = randomStream(1, 'augment');
    const boxes = Array.from({ length: 2000 }, () => sampleCrop(random, { width: 48, height: 16 }, [0.2, 1]));
    assert.ok(boxes.every(({ left, width, top, height }) => left + width <= 48 && top + height <= 16));
    assert.ok(boxes.some(({ left }) => left === 0) && boxes.some(({ left, width }) => left + width === 48));
  });

  it('lies inside the image and reaches all four borders', () => {
    const random = randomStream(1, 'augment');
    const boxes = Array.from({ length: 2000 }, () => sampleCrop(random, 32, [0.08, 1]));
    assert.ok(
      boxes.every((b) => b.top >= 0 && b.left >= 0 && b.top + b.height <= 32 && b.left + b.width <= 32),
    );
    assert.equal(Math.min(...boxes.map((b) => b.top)), 0);
    assert.equal(Math.min(...boxes.map((b) => b.left)), 0);
    assert.equal(Math.max(...boxes.filter((b) => b.height < 32).map((b) => b.top + b.height)), 32);
    assert.equal(Math.max(...boxes.filter((b) => b.width < 32).map((b) => b.left + b.width)), 32);
  });

  for (const row of statistics) {
    it(`is distributed as torchvision's: ${row.H} px, scale ${row.scale}`, () => {
      const random = randomStream(2, 'augment', row.H, row.scale[0] * 100);
      const boxes = Array.from({ length: row.draws }, () => sampleCrop(random, row.H, row.scale));
      const area = boxes.map((b) => (b.height * b.width) / (row.H * row.W));
      // Both sides are means of 20,000 draws: five standard errors of their difference are 0.05 deviations.
      const near = (of: (b: CropBox) => number, expected: number) => {
        const values = boxes.map(of);
        const tolerance = 0.05 * deviation(values);
        assert.ok(Math.abs(mean(values) - expected) < tolerance, `${mean(values)}, expected ${expected}`);
      };
      near((b) => b.height, row.mean_h);
      near((b) => b.width, row.mean_w);
      near((b) => b.top, row.mean_top);
      near((b) => b.left, row.mean_left);
      near((b) => (b.height * b.width) / (row.H * row.W), row.mean_area_fraction);
      near((b) => Math.log(b.width / b.height), row.mean_log_ratio);
      near((b) => (b.width === row.W ? 1 : 0), row.fraction_full_width);

      assert.ok(Math.abs(deviation(area) / row.std_area_fraction - 1) < 0.03);
      assert.ok(
        Math.abs(deviation(boxes.map((b) => Math.log(b.width / b.height))) / row.std_log_ratio - 1) < 0.03,
      );
      const sorted = area.sort((a, b) => a - b);
      [0.1, 0.5, 0.9].forEach((share, i) => {
        // Areas are whole pixels, so quantiles jump; the expected one must be within 1.5% of the ranks.
        const expected = row.area_fraction_quantiles_10_50_90[i];
        assert.ok(sorted[Math.floor((share - 0.015) * row.draws)] <= expected + 1e-6);
        assert.ok(sorted[Math.floor((share + 0.015) * row.draws)] >= expected - 1e-6);
      });
    });
  }

  it('refuses an image without pixels', () => {
    assert.throws(() => sampleCrop(randomStream(1, 'augment'), 0, [0.2, 1]), UserError);
  });
});

function mean(values: number[]): number {
  return values.reduce((a, b) => a + b, 0) / values.length;
}

function deviation(values: number[]): number {
  const center = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - center) ** 2)));
}
