import { UserError } from '../core/errors';
import { type Random, randomStream } from '../core/random';
import { datasetChecksum } from './checksum';
import { allocatePixels, type Dataset, type LabeledImages } from './dataset';
import type { RegisteredDataset } from './registry';

export interface Shapes10Options {
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

export const shapes10Defaults = { size: 16, train: 2048, test: 512, seed: 1339 } as const;

/**
 * The built-in dataset: images of ten shapes and textures, drawn by this function.
 *
 * The class is the shape alone. Colors, light on dark or dark on light, background, clutter, place, size,
 * angle and noise are drawn without regard to it, so that comparing pixels tells little and a representation
 * has to be learned. Image i depends on (seed, split, i) only, and its class is i mod 10.
 * @throws UserError where the size or a number of images is out of range.
 */
export function shapes10(options: Shapes10Options = {}): Dataset {
  const {
    size = shapes10Defaults.size,
    perClass,
    train = perClass === undefined ? shapes10Defaults.train : perClass * shapes.length,
    test = shapes10Defaults.test,
    seed = shapes10Defaults.seed,
  }: Shapes10Options = options;
  if (!Number.isInteger(size) || size < sizes[0] || size > sizes[1]) {
    throw new UserError(
      `The images of shapes10 can be ${sizes.join(' to ')} pixels wide, not ${size}. Change size.`,
    );
  }
  const splits = { train: drawSplit(seed, 0, train, size), test: drawSplit(seed, 1, test, size) };
  return {
    name: 'shapes10',
    classes: shapes.map(({ name }) => name),
    imageSize: size,
    ...splits,
    normalization: { mean: [0.5, 0.5, 0.5], std: [0.22, 0.22, 0.22] },
    checksum: datasetChecksum(splits),
  };
}

function drawSplit(seed: number, split: number, count: number, size: number): LabeledImages {
  if (!Number.isInteger(count) || count < shapes.length) {
    throw new UserError(`shapes10 needs ${shapes.length} images or more in each split, not ${count}.`);
  }
  const pixels = allocatePixels(count, size);
  const labels = Int32Array.from({ length: count }, (_, i) => i % shapes.length);
  for (let i = 0; i < count; i++) {
    const image = pixels.subarray(i * size * size * 3, (i + 1) * size * size * 3);
    drawImage(image, size, shapes[labels[i]].distance, randomStream(seed, 'dataset', split, i));
  }
  return { count, size, pixels, labels };
}

/**
 * Signed distance from (x, y) to a shape's outline, below 0 inside. Shapes fill about the circle of radius 1;
 * textures cover the whole plane and repeat after `period`.
 */
type Distance = (x: number, y: number, period: number) => number;

const shapes: { name: string; distance: Distance }[] = [
  { name: 'disc', distance: (x, y) => Math.hypot(x, y) - 0.9 },
  { name: 'ring', distance: (x, y) => Math.abs(Math.hypot(x, y) - 0.73) - 0.22 },
  { name: 'triangle', distance: (x, y) => Math.max(y, Math.abs(x) * 0.866 - y * 0.5) - 0.55 },
  { name: 'square', distance: (x, y) => Math.max(Math.abs(x), Math.abs(y)) - 0.75 },
  { name: 'cross', distance: cross },
  { name: 'stripes', distance: (x, _, period) => stripe(x, period) },
  {
    name: 'waves',
    distance: (x, y, period) => stripe(x + 0.3 * period * Math.sin((Math.PI * y) / period), period),
  },
  { name: 'checkerboard', distance: checkerboard },
  { name: 'dots', distance: (x, y, period) => Math.hypot(fold(x, period), fold(y, period)) - 0.28 * period },
  { name: 'target', distance: (x, y, period) => stripe(Math.hypot(x, y), period) },
];

function cross(x: number, y: number): number {
  const long = Math.max(Math.abs(x), Math.abs(y));
  const short = Math.min(Math.abs(x), Math.abs(y));
  return Math.max(long - 0.95, short - 0.27);
}

function checkerboard(x: number, y: number, period: number): number {
  const a = stripe(x, period);
  const b = stripe(y, period);
  return Math.min(Math.abs(a), Math.abs(b)) * (a * b < 0 ? 1 : -1);
}

/** Stripes across x, as wide as the gaps between them. */
function stripe(x: number, period: number): number {
  return Math.abs(fold(x, period)) - period / 4;
}

/** x less whole periods, from -period / 2 to period / 2. */
function fold(x: number, period: number): number {
  return x - period * Math.round(x / period);
}

type Color = readonly [red: number, green: number, blue: number];

/** A color of the given lightness, 0 to 1; the three channels lie a third of the hue circle apart. */
function color(random: Random, lightness: number): Color {
  const hue = random.uniform();
  const chroma = random.uniform(0, 0.3);
  const channel = (third: number) => lightness + chroma * Math.cos(2 * Math.PI * (hue - third / 3));
  return [channel(0), channel(1), channel(2)];
}

/** A color that changes evenly across the image: base + u * across + v * down, u and v from -0.5 to 0.5. */
interface Paint {
  base: Color;
  across: Color;
  down: Color;
}

/** Paint that goes from one random hue to another in a random direction. */
function paint(random: Random, lightness: number): Paint {
  const from = color(random, lightness + random.uniform(-0.14, 0.14));
  const to = color(random, lightness + random.uniform(-0.14, 0.14));
  const direction = random.uniform(0, 2 * Math.PI);
  const blend = (a: number, b: number): Color => [
    a * from[0] + b * to[0],
    a * from[1] + b * to[1],
    a * from[2] + b * to[2],
  ];
  const slope = (part: number) => blend(-part, part);
  return { base: blend(0.5, 0.5), across: slope(Math.cos(direction)), down: slope(Math.sin(direction)) };
}

/** A small disc that lies behind the shape. */
interface Blob {
  u: number;
  v: number;
  radius: number;
  color: Color;
}

function drawImage(image: Uint8Array, size: number, distance: Distance, random: Random): void {
  const lightness = random.uniform(0.4, 0.6);
  const contrast = random.uniform(0.32, 0.46) * (random.uniform() < 0.5 ? -1 : 1);
  const front = paint(random, lightness + contrast / 2);
  const back = paint(random, lightness - contrast / 2);
  const clutter = Array.from({ length: 3 }, () => blob(random, lightness));
  const place = shapePlace(random);
  const noise = random.uniform(0, 0.06);
  let at = 0;
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      const u = (column + 0.5) / size - 0.5;
      const v = (row + 0.5) / size - 0.5;
      const cover = coverage(place(distance, u, v) * size);
      const spots = clutter.map((spot) =>
        coverage((Math.hypot(u - spot.u, v - spot.v) - spot.radius) * size),
      );
      for (let c = 0; c < 3; c++) {
        let value = back.base[c] + u * back.across[c] + v * back.down[c];
        for (let i = 0; i < clutter.length; i++) value += spots[i] * (clutter[i].color[c] - value);
        value += cover * (front.base[c] + u * front.across[c] + v * front.down[c] - value);
        value += random.uniform(-noise, noise);
        image[at++] = Math.min(255, Math.max(0, Math.round(value * 255)));
      }
    }
  }
}

function blob(random: Random, lightness: number): Blob {
  return {
    u: random.uniform(-0.5, 0.5),
    v: random.uniform(-0.5, 0.5),
    radius: random.uniform(0.06, 0.14),
    color: color(random, lightness + random.uniform(-0.3, 0.3)),
  };
}

/** Puts a shape somewhere in the image: gives its distance, in image widths, at place (u, v). */
function shapePlace(random: Random): (distance: Distance, u: number, v: number) => number {
  const radius = random.uniform(0.2, 0.48);
  const angle = random.uniform(0, 2 * Math.PI);
  const centerU = random.uniform(-0.3, 0.3);
  const centerV = random.uniform(-0.3, 0.3);
  const period = random.uniform(0.55, 1.15);
  const cos = Math.cos(angle) / radius;
  const sin = Math.sin(angle) / radius;
  return (distance, u, v) => {
    const x = u - centerU;
    const y = v - centerV;
    return radius * distance(x * cos + y * sin, y * cos - x * sin, period);
  };
}

/** How much of a pixel lies inside an outline that is `distance` pixels from its middle: 0 to 1. */
function coverage(distance: number): number {
  return Math.min(1, Math.max(0, 0.5 - distance));
}

export const shapes10Dataset: RegisteredDataset = {
  name: 'shapes10',
  title: 'shapes10',
  classes: shapes.length,
  train: shapes10Defaults.train,
  test: shapes10Defaults.test,
  imageSize: shapes10Defaults.size,
  drawn: { sizes, draw: shapes10 },
};
