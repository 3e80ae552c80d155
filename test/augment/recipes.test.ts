import assert from 'node:assert/strict';
import { colorJitter } from '../../lib/augment/color-jitter';
import { gaussianBlur } from '../../lib/augment/gaussian-blur';
import { grayscale } from '../../lib/augment/grayscale';
import { horizontalFlip } from '../../lib/augment/horizontal-flip';
import { normalize } from '../../lib/augment/normalize';
import {
  type Augmentation,
  linearTrain,
  type RecipeName,
  recipe,
  recipeNames,
  strong,
  testView,
  weak,
} from '../../lib/augment/recipes';
import { resizedCrop } from '../../lib/augment/resized-crop';
import { UserError } from '../../lib/core/errors';
import { permutation, randomStream } from '../../lib/core/random';
import { changed, goldenImage, scripted } from './images';

const normalization = { mean: [0.5, 0.4, 0.3], std: [0.2, 0.25, 0.3] } as const;
const VIEWS = 2000;

describe('recipes', () => {
  for (const augmentation of [strong(32), weak(32), linearTrain(32), testView()]) {
    it(`${augmentation.name}: apply is image, normalized`, () => {
      const source = goldenImage(64);
      const size = augmentation.viewSize(64);
      const image = augmentation.image(source, 64, randomStream(3, 'augment', 5));
      assert.equal(image.length, size * size * 3);
      const expected = new Float32Array(image.length + 7);
      normalize(image, normalization, expected, 7);
      const out = new Float32Array(image.length + 7);
      augmentation.apply(source, 64, randomStream(3, 'augment', 5), normalization, out, 7);
      assert.deepEqual(out, expected);
    });

    it(`${augmentation.name}: leaves the source as it is`, () => {
      const source = goldenImage(64);
      for (let i = 0; i < 20; i++) augmentation.image(source, 64, randomStream(3, 'augment', i));
      assert.deepEqual(source, goldenImage(64));
    });
  }

  it('test keeps the image and its size', () => {
    assert.equal(testView().viewSize(96), 96);
    assert.deepEqual(testView().image(goldenImage(96), 96, randomStream(1, 'augment')), goldenImage(96));
  });

  it("weak flips nine views of ten, the paper's code's quirk; linear-train and strong every other", () => {
    assertNear(flippedShare(weak(32)), 0.9);
    assertNear(flippedShare(linearTrain(32)), 0.5);
    assertNear(flippedShare(strong(32)), 0.5);
  });

  it('weak and strong take crops of at least a fifth of the image, linear-train of 8%', () => {
    const source = goldenImage(32);
    for (const [augmentation, scale] of [
      [weak(24), 0.2],
      [strong(24), 0.2],
      [linearTrain(24), 0.08],
    ] as const) {
      const side = Math.round(Math.sqrt(scale) * 32);
      const expected = new Uint8Array(24 * 24 * 3);
      resizedCrop(source, 32, { top: 0, left: 0, height: side, width: side }, 24, expected);
      const smallest = augmentation.image(source, 32, scripted([0, 0.5, 0.99, 0.99, 0.99, 0.99]));
      assert.deepEqual(smallest, expected);
    }
  });

  describe('strong, given the uniform numbers', () => {
    // Drawn in this order: crop (area, ratio), flip, jitter, grayscale, blur.
    const crop = [0.5, 0.5];
    const no = 0.99;
    const size = 24;
    const source = goldenImage(32);
    const view = (...shares: number[]) => strong(size).image(source, 32, scripted([...crop, ...shares]));
    const plain = view(no, no, no, no);

    it('crops to the drawn area first', () => {
      const side = Math.round(Math.sqrt(0.6) * 32);
      const expected = new Uint8Array(size * size * 3);
      resizedCrop(source, 32, { top: 0, left: 0, height: side, width: side }, size, expected);
      assert.deepEqual(plain, expected);
    });

    it('flips below 0.5', () => {
      const flipped = changed(plain, (image) => horizontalFlip(image, size));
      assert.deepEqual(view(0.49, no, no, no), flipped);
      assert.deepEqual(view(0.5, no, no, no), plain);
    });

    it('jitters below 0.8: factors 0.6 to 1.4, hue -0.1 to 0.1', () => {
      const order = permutation(scripted([]), 4);
      for (const [share, factors] of [
        [0, [0.6, 0.6, 0.6, -0.1]],
        [1, [1.4, 1.4, 1.4, 0.1]],
      ] as const) {
        const jittered = changed(plain, (image) => colorJitter(image, { order, factors }));
        assert.deepEqual(view(no, 0.79, share, share, share, share, no, no), jittered);
      }
      assert.deepEqual(view(no, 0.8, no, no), plain);
    });

    it('turns gray below 0.2', () => {
      assert.deepEqual(view(no, no, 0.19, no), changed(plain, grayscale));
      assert.deepEqual(view(no, no, 0.2, no), plain);
    });

    it('blurs below 0.5 with sigma from 0.1 to 2', () => {
      for (const [share, sigma] of [
        [0, 0.1],
        [0.5, 1.05],
        [1, 2],
      ]) {
        const blurred = changed(plain, (image) => gaussianBlur(image, size, sigma));
        assert.deepEqual(view(no, no, no, 0.49, share), blurred);
      }
      assert.deepEqual(view(no, no, no, 0.5), plain);
    });

    it('jitters before it turns gray before it blurs', () => {
      const expected = changed(plain, (image) => {
        colorJitter(image, { order: permutation(scripted([]), 4), factors: [1.4, 1.4, 1.4, 0.1] });
        grayscale(image);
        gaussianBlur(image, size, 2);
      });
      assert.deepEqual(view(no, 0, 1, 1, 1, 1, 0, 0, 1), expected);
    });
  });

  it('are known by name', () => {
    for (const name of recipeNames) assert.equal(recipe(name, 32).name, name);
    assert.throws(
      () => recipe('week' as RecipeName, 32),
      /Unknown augmentation recipe 'week'. Did you mean weak\?/,
    );
  });

  it('refuse a size that is none, a source of another length and a view that does not fit', () => {
    assert.throws(() => strong(0), UserError);
    assert.throws(() => weak(7.5), UserError);
    const random = randomStream(1, 'augment');
    assert.throws(() => weak(8).image(new Uint8Array(47), 4, random), UserError);
    const apply = (length: number, offset: number) => () =>
      weak(4).apply(new Uint8Array(48), 4, random, normalization, new Float32Array(length), offset);
    assert.doesNotThrow(apply(50, 2));
    assert.throws(apply(50, 3), /does not fit/);
    assert.throws(apply(50, -1), UserError);
  });
});

function drawViews(augmentation: Augmentation, source: Uint8Array, size: number): Uint8Array[] {
  return Array.from({ length: VIEWS }, (_, i) =>
    augmentation.image(source, size, randomStream(4, 'augment', i)),
  );
}

/** The share of views in which an image that gets brighter to the right gets brighter to the left. */
function flippedShare(augmentation: Augmentation): number {
  const ramp = Uint8Array.from({ length: 32 * 32 * 3 }, (_, i) => 60 + 4 * (Math.floor(i / 3) % 32));
  const flipped = drawViews(augmentation, ramp, 32).filter((view) => view[0] > view[31 * 3]);
  return flipped.length / VIEWS;
}

/** Within four standard errors of a share counted over the views. */
function assertNear(actual: number, expected: number): void {
  assert.ok(Math.abs(actual - expected) < 4 * Math.sqrt(0.25 / VIEWS), `${actual}, expected ${expected}`);
}
