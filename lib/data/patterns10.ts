import type { Random } from '../core/random';
import { type Drawing, drawDataset, registerable } from './drawn';
import type { DrawOptions } from './registry';

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

const drawing: Drawing = {
  name: 'patterns10',
  classes: patterns.map(({ name }) => name),
  sizes: [16, 32],
  size: 24,
  normalization: { mean: [0.5, 0.5, 0.5], std: [0.2, 0.2, 0.2] },
  draw: (image, size, label, random) => drawImage(image, size, patterns[label].light, random),
};

/**
 * The built-in dataset: gray images of ten patterns, drawn by this program.
 *
 * The class is the pattern. Its scale, its phase and a random warp that bends it are drawn without regard to the
 * class, and every image has the same mean and contrast before the noise. So comparing pixels tells little, while
 * two crops of one image show the same pattern: what a method of self-supervised learning can find out.
 */
export function patterns10(options?: DrawOptions) {
  return drawDataset(drawing, options);
}

export const patterns10Dataset = registerable(drawing);
