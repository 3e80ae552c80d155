import type { Random } from '../core/random';
import { type Drawing, drawDataset, registerable } from './drawn';
import type { DrawOptions } from './registry';

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

const drawing: Drawing = {
  name: 'shapes10',
  classes: shapes.map(({ name }) => name),
  sizes: [16, 32],
  size: 16,
  normalization: { mean: [0.5, 0.5, 0.5], std: [0.22, 0.22, 0.22] },
  draw: (image, size, label, random) => drawImage(image, size, shapes[label].distance, random),
};

/**
 * Harder than patterns10, and hard to learn in a minute: images of ten shapes and textures, drawn by this program.
 *
 * The class is the shape alone. Colors, light on dark or dark on light, background, clutter, place, size,
 * angle and noise are drawn without regard to it, so that comparing pixels tells little and a representation
 * has to be learned.
 */
export function shapes10(options?: DrawOptions) {
  return drawDataset(drawing, options);
}

export const shapes10Dataset = registerable(drawing);
