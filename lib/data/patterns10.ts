import { UserError } from '../core/errors';
import { type Random, randomStream } from '../core/random';
import { datasetChecksum } from './checksum';
import { allocatePixels, type DatasetInMemory, type LabeledImages } from './dataset';
import type { RegisteredDataset } from './registry';

export interface Patterns10Options {
  /** Height and width in pixels, 16 to 32. */
  size?: number;
  /** Number of training images. */
  train?: number;
  /** Number of training images of each class, in place of `train`. */
  perClass?: number;
  /** Number of test images. */
  test?: number;
  seed?: number;
}

/** The smallest and the largest height and width. */
const sizes = [16, 32] as const;

export const patterns10Defaults = { size: 24, train: 2048, test: 512, seed: 1339 } as const;

/**
 * The built-in dataset: gray images of ten patterns, drawn by this function.
 *
 * The class is the pattern. Its scale, its phase and a random warp that bends it are drawn without regard to the
 * class, and every image has the same mean and contrast before the noise. So comparing pixels tells little, while
 * two crops of one image show the same pattern: what a method of self-supervised learning can find out. Image i
 * depends on (seed, split, i) only, and its class is i mod 10.
 * @throws UserError if the size or a number of images is out of range.
 */
export function patterns10(options: Patterns10Options = {}): DatasetInMemory {
  const {
    size = patterns10Defaults.size,
    perClass,
    train = perClass === undefined ? patterns10Defaults.train : perClass * patterns.length,
    test = patterns10Defaults.test,
    seed = patterns10Defaults.seed,
  }: Patterns10Options = options;
  if (!Number.isInteger(size) || size < sizes[0] || size > sizes[1]) {
    throw new UserError(
      `The images of patterns10 can be ${sizes.join(' to ')} pixels wide, not ${size}. Change size.`,
    );
  }
  const splits = { train: drawSplit(seed, 0, train, size), test: drawSplit(seed, 1, test, size) };
  return {
    name: 'patterns10',
    classes: patterns.map(({ name }) => name),
    imageSize: size,
    ...splits,
    normalization: { mean: [0.5, 0.5, 0.5], std: [0.2, 0.2, 0.2] },
    checksum: datasetChecksum(splits),
  };
}

function drawSplit(seed: number, split: number, count: number, size: number): LabeledImages {
  if (!Number.isInteger(count) || count < patterns.length) {
    throw new UserError(`patterns10 needs ${patterns.length} images or more in each split, not ${count}.`);
  }
  const pixels = allocatePixels(count, size);
  const labels = Int32Array.from({ length: count }, (_, i) => i % patterns.length);
  for (let i = 0; i < count; i++) {
    const image = pixels.subarray(i * size * size * 3, (i + 1) * size * size * 3);
    drawImage(image, size, patterns[labels[i]].light, randomStream(seed, 'dataset', split, i));
  }
  return { count, size, pixels, labels };
}

/** What the patterns of an image have in common; lengths in periods of the pattern. */
interface Brush {
  /** Slant of diagonal stripes: the views flip images, so that both slants are one class. */
  slant: 1 | -1;
  /** Middle of the rings. */
  center: [x: number, y: number];
  /** Waves of random directions, whose sum makes blobs. */
  waves: { x: number; y: number; phase: number }[];
}

/** How light a pattern is, about -1 to 1, at a place in periods. */
type Pattern = (x: number, y: number, brush: Brush) => number;

const wave = (along: number) => Math.cos(2 * Math.PI * along);

const patterns: { name: string; light: Pattern }[] = [
  { name: 'horizontal stripes', light: (_x, y) => wave(y) },
  { name: 'vertical stripes', light: (x) => wave(x) },
  { name: 'diagonal stripes', light: (x, y, { slant }) => wave((x + slant * y) / Math.SQRT2) },
  { name: 'checkerboard', light: (x, y) => 1.6 * wave(x) * wave(y) },
  { name: 'diamonds', light: (x, y) => 0.8 * (wave(x) + wave(y)) },
  { name: 'dots', light: (x, y) => 2.2 * Math.max(0, wave(x) + wave(y) - 0.2) - 1 },
  { name: 'grid', light: (x, y) => 1.6 * Math.max(wave(x), wave(y)) - 0.6 },
  {
    name: 'blobs',
    light: (x, y, { waves }) =>
      waves.reduce((sum, one) => sum + wave(one.x * x + one.y * y + one.phase), 0) / 2.2,
  },
  { name: 'zigzag', light: (x, y) => wave(y + zigzag(x)) },
  { name: 'rings', light: (x, y, { center }) => wave(Math.hypot(x - center[0], y - center[1])) },
];

/** A line that rises and falls by 0.35 periods, every 1.6 of them. */
function zigzag(x: number): number {
  return 0.35 * (2 / Math.PI) * Math.asin(Math.cos((2 * Math.PI * x) / 1.6));
}

function drawImage(image: Uint8Array, size: number, light: Pattern, random: Random): void {
  const periods = 1 / random.uniform(0.208, 0.3125);
  const [left, top] = [random.uniform(), random.uniform()];
  const bend = warp(random);
  const brush = drawBrush(random, periods);
  const field = new Float64Array(size * size);
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      const [x, y] = [(column / size) * periods, (row / size) * periods];
      const [dx, dy] = bend(column / size, row / size);
      const value = 1.5 * light(x + left + dx, y + top + dy, brush);
      field[row * size + column] = Math.min(1, Math.max(-1, value));
    }
  }
  standardize(field);
  let at = 0;
  for (const value of field) {
    for (let channel = 0; channel < 3; channel++) {
      const noisy = 0.5 + 0.2 * value + random.uniform(-0.04, 0.04);
      image[at++] = Math.min(255, Math.max(0, Math.round(noisy * 255)));
    }
  }
}

function drawBrush(random: Random, periods: number): Brush {
  return {
    slant: random.uniform() < 0.5 ? 1 : -1,
    center: [random.uniform(0, periods), random.uniform(0, periods)],
    waves: Array.from({ length: 12 }, () => {
      const direction = random.uniform(0, 2 * Math.PI);
      return { x: Math.cos(direction), y: Math.sin(direction), phase: random.uniform() };
    }),
  };
}

/** Random smooth shifts, in periods, of places that go from 0 to 1 across the image: two waves for each direction. */
function warp(random: Random): (u: number, v: number) => [dx: number, dy: number] {
  const waves = Array.from({ length: 4 }, () => ({
    u: random.uniform(-1, 1),
    v: random.uniform(-1, 1),
    phase: random.uniform(),
    height: random.uniform(-0.5, 0.5),
  }));
  const shift = (u: number, v: number, some: typeof waves) =>
    some.reduce((sum, one) => sum + one.height * wave(one.u * u + one.v * v + one.phase), 0);
  return (u, v) => [shift(u, v, waves.slice(0, 2)), shift(u, v, waves.slice(2))];
}

/** Gives values mean 0 and standard deviation 1, in place: neither tells a pattern then. */
function standardize(values: Float64Array): void {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  for (let i = 0; i < values.length; i++) values[i] = (values[i] - mean) / Math.sqrt(variance);
}

export const patterns10Dataset: RegisteredDataset = {
  name: 'patterns10',
  title: 'patterns10',
  classes: patterns.length,
  train: patterns10Defaults.train,
  test: patterns10Defaults.test,
  imageSize: patterns10Defaults.size,
  drawn: { sizes, draw: patterns10 },
};
