import assert from 'node:assert/strict';
import { UserError } from '../../lib/core/errors';
import { type LabeledImages, patterns10, shapes10 } from '../../lib/data';

const image = ({ pixels, size }: LabeledImages, i: number) => [
  ...pixels.subarray(i * size * size * 3, (i + 1) * size * size * 3),
];

/** A drawn dataset, the checksum of a small one, and a bound for what comparing its pixels tells. */
const drawn = [
  {
    name: 'patterns10',
    draw: patterns10,
    known: 'bf4520e007003baa5117f4c683ea2fbe3db9396483e3fa5c0af03d0173b75c88',
    most: 0.45,
  },
  {
    name: 'shapes10',
    draw: shapes10,
    known: 'c42484d8d33943a96549485d643e2977af69ead6da000e0d2384a4e7891ec161',
    most: 0.35,
  },
];

for (const { name, draw, known, most } of drawn) {
  describe(`the dataset ${name}`, () => {
    it('is the same for the same seed and differs for another', () => {
      const options = { train: 20, test: 10, seed: 5 };
      assert.equal(draw(options).checksum, draw(options).checksum);
      assert.notEqual(draw(options).checksum, draw({ ...options, seed: 6 }).checksum);
    });

    it('draws the images that it always drew', () => {
      assert.equal(draw({ train: 20, test: 10, seed: 5 }).checksum, known);
    });

    it('draws image i the same whatever the number of images', () => {
      const few = draw({ train: 20, test: 10 });
      const many = draw({ train: 40, test: 30 });
      assert.deepEqual(image(few.train, 13), image(many.train, 13));
      assert.deepEqual(image(few.test, 7), image(many.test, 7));
      assert.notDeepEqual(image(few.train, 7), image(few.test, 7));
    });

    it('has ten classes, equally often', () => {
      const { classes, train, test } = draw({ train: 200, test: 50 });
      assert.equal(new Set(classes).size, 10);
      for (const [{ labels }, each] of [
        [train, 20],
        [test, 5],
      ] as const) {
        for (let c = 0; c < 10; c++) assert.equal(labels.filter((label) => label === c).length, each);
      }
    });

    it('draws any size from 16 to 32 pixels and refuses others', () => {
      for (const size of [16, 25, 32]) {
        const { imageSize, train } = draw({ size, train: 10, test: 10 });
        assert.equal(imageSize, size);
        assert.equal(train.pixels.length, 10 * size * size * 3);
        assert.ok(train.pixels.buffer instanceof SharedArrayBuffer);
      }
      for (const size of [15, 33, 16.5]) assert.throws(() => draw({ size }), UserError);
      assert.throws(() => draw({ train: 9 }), /10 images or more.* not 9/);
    });

    it('is normalized to about mean 0 and standard deviation 1', () => {
      const { train, normalization } = draw({ train: 500, test: 10 });
      const values = Array.from(
        train.pixels,
        (v) => (v / 255 - normalization.mean[0]) / normalization.std[0],
      );
      const mean = values.reduce((a, b) => a + b) / values.length;
      const variance = values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length;
      assert.ok(Math.abs(mean) < 0.05, `mean ${mean}`);
      assert.ok(Math.abs(Math.sqrt(variance) - 1) < 0.1, `standard deviation ${Math.sqrt(variance)}`);
    });

    it('cannot be solved by comparing pixels', () => {
      const { train, test } = draw({ train: 2000, test: 200 });
      const accuracy = rawPixelAccuracy(train, test, 20);
      assert.ok(accuracy < most, `20 nearest neighbors in pixels are right for ${accuracy}`);
    });
  });
}

/** Share of test images whose class is the most frequent among the k nearest by cosine of centered pixels. */
function rawPixelAccuracy(train: LabeledImages, test: LabeledImages, k: number): number {
  const bank = Array.from({ length: train.count }, (_, i) => unit(image(train, i)));
  let right = 0;
  for (let i = 0; i < test.count; i++) {
    const query = unit(image(test, i));
    const near = bank
      .map((key, j) => ({ label: train.labels[j], cosine: dot(query, key) }))
      .sort((a, b) => b.cosine - a.cosine)
      .slice(0, k);
    const votes = new Array(10).fill(0);
    for (const { label } of near) votes[label]++;
    if (votes.indexOf(Math.max(...votes)) === test.labels[i]) right++;
  }
  return right / test.count;
}

function unit(values: number[]): Float64Array {
  const mean = values.reduce((a, b) => a + b) / values.length;
  const norm = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0));
  return Float64Array.from(values, (value) => (value - mean) / norm);
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
