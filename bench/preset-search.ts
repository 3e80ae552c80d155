/**
 * Trials for the quick preset on warped patterns, the images that docs/presets.md found most promising: one line of JSON
 * for each run. Seeds that tables use are left alone.
 *
 *   npx tsx bench/preset-search.ts '{"methods":["untrained","mnn"],"epochs":16,"baseLr":2,"options":{"teacherMomentum":0.95}}'
 */
import { type Random, randomStream } from '../lib/core/random';
import { allocatePixels, createDataset, type LabeledImages } from '../lib/data';
import { startEngine } from '../lib/engine/engine';
import { presetConfig } from '../lib/presets/presets';
import { runExperiment } from '../lib/runs';

interface Images {
  /** Height and width in pixels. */
  size: number;
  /** Shortest and longest period in pixels. */
  period: [number, number];
  /** How far a pattern is bent, in periods. */
  warp: number;
  train: number;
  test: number;
}

interface Trial extends Images {
  methods: string[];
  seeds: number[];
  epochs: number;
  baseLr: number;
  bnSplits: number;
  options: Record<string, number | string>;
}

const defaults: Trial = {
  size: 24,
  period: [5, 7.5],
  warp: 0.4,
  train: 2048,
  test: 512,
  methods: ['untrained', 'mnn'],
  seeds: [1338],
  epochs: 8,
  baseLr: 1.5,
  bnSplits: 2,
  options: {},
};

/** What a pattern is drawn with; lengths in pixels. */
interface Brush {
  period: number;
  /** Slant of diagonal stripes: the views flip images, so that both slants are one class. */
  slant: 1 | -1;
  /** Where rings begin. */
  center: [x: number, y: number];
  /** Waves of random directions, whose sum makes blobs. */
  waves: { x: number; y: number; phase: number }[];
}

/** How light a pattern is at a place, from about -1 to 1. */
type Pattern = (x: number, y: number, brush: Brush) => number;

const wave = (along: number, { period }: Brush) => Math.cos((2 * Math.PI * along) / period);

const patterns: { name: string; light: Pattern }[] = [
  { name: 'horizontal stripes', light: (_x, y, brush) => wave(y, brush) },
  { name: 'vertical stripes', light: (x, _y, brush) => wave(x, brush) },
  { name: 'diagonal stripes', light: (x, y, brush) => wave((x + brush.slant * y) / Math.SQRT2, brush) },
  { name: 'checkerboard', light: (x, y, brush) => 1.6 * wave(x, brush) * wave(y, brush) },
  { name: 'diamonds', light: (x, y, brush) => 0.8 * (wave(x, brush) + wave(y, brush)) },
  { name: 'dots', light: (x, y, brush) => 2.2 * Math.max(0, wave(x, brush) + wave(y, brush) - 0.2) - 1 },
  { name: 'grid', light: (x, y, brush) => 1.6 * Math.max(wave(x, brush), wave(y, brush)) - 0.6 },
  {
    name: 'blobs',
    light: (x, y, { waves }) =>
      waves.reduce((sum, one) => sum + Math.cos(one.x * x + one.y * y + one.phase), 0) / 2.2,
  },
  { name: 'zigzag', light: (x, y, brush) => wave(y + zigzag(x, brush.period), brush) },
  {
    name: 'rings',
    light: (x, y, brush) => wave(Math.hypot(x - brush.center[0], y - brush.center[1]), brush),
  },
];

/** A line that rises and falls by 0.35 periods of the stripes, every 1.6 of them. */
function zigzag(x: number, period: number): number {
  return 0.35 * period * (2 / Math.PI) * Math.asin(Math.cos((2 * Math.PI * x) / (1.6 * period)));
}

/** Shifts places by a random smooth field, of up to `bend` periods for each of its four waves. */
function warp(
  random: Random,
  size: number,
  period: number,
  bend: number,
): (x: number, y: number) => [x: number, y: number] {
  const reach = bend * period;
  const frequency = () => (random.uniform(-1, 1) * 2 * Math.PI) / size;
  const waves = Array.from({ length: 4 }, () => ({
    x: frequency(),
    y: frequency(),
    phase: random.uniform(0, 2 * Math.PI),
    height: random.uniform(-reach, reach),
  }));
  const shift = (x: number, y: number, some: typeof waves) =>
    some.reduce((sum, one) => sum + one.height * Math.sin(one.x * x + one.y * y + one.phase), 0);
  return (x, y) => [x + shift(x, y, waves.slice(0, 2)), y + shift(x, y, waves.slice(2))];
}

function drawImage(
  image: Uint8Array,
  light: Pattern,
  { size, period: [least, most], warp: bend }: Images,
  random: Random,
): void {
  const period = random.uniform(least, most);
  const [left, top] = [random.uniform(0, period), random.uniform(0, period)];
  const moved = warp(random, size, period, bend);
  const brush: Brush = {
    period,
    slant: random.uniform() < 0.5 ? 1 : -1,
    center: [random.uniform(0, size), random.uniform(0, size)],
    waves: Array.from({ length: 12 }, () => {
      const direction = random.uniform(0, 2 * Math.PI);
      const frequency = (2 * Math.PI) / period;
      return {
        x: frequency * Math.cos(direction),
        y: frequency * Math.sin(direction),
        phase: random.uniform(0, 2 * Math.PI),
      };
    }),
  };
  const paint = paints(random);
  const noise = 0.04;
  let at = 0;
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const [u, v] = moved(x, y);
      const share = Math.min(1, Math.max(-1, 1.5 * light(u + left, v + top, brush)));
      for (let channel = 0; channel < 3; channel++) {
        const value = paint(share, channel, x / size - 0.5, y / size - 0.5) + random.uniform(-noise, noise);
        image[at++] = Math.min(255, Math.max(0, Math.round(value * 255)));
      }
    }
  }
}

/** A channel's value, 0 to 1, at a place from -0.5 to 0.5: two random colors, and light that changes across the image. */
function paints(random: Random): (share: number, channel: number, u: number, v: number) => number {
  const middle = random.uniform(0.4, 0.6);
  const contrast = random.uniform(0.3, 0.6) * (random.uniform() < 0.5 ? 1 : -1);
  const tints = Array.from({ length: 6 }, () => random.uniform(-0.12, 0.12));
  const [across, down] = [random.uniform(-0.2, 0.2), random.uniform(-0.2, 0.2)];
  return (share, channel, u, v) =>
    middle + (share * contrast) / 2 + tints[share > 0 ? channel : channel + 3] + u * across + v * down;
}

function drawSplit(images: Images, split: number, count: number): LabeledImages {
  const { size } = images;
  const pixels = allocatePixels(count, size);
  const labels = Int32Array.from({ length: count }, (_, i) => i % patterns.length);
  for (let i = 0; i < count; i++) {
    const image = pixels.subarray(i * size * size * 3, (i + 1) * size * size * 3);
    drawImage(image, patterns[labels[i]].light, images, randomStream(1339, 'dataset', split, i));
  }
  return { count, size, pixels, labels };
}

async function main(): Promise<void> {
  const trial: Trial = { ...defaults, ...JSON.parse(process.argv[2] ?? '{}') };
  const { size, train, test, epochs, baseLr, bnSplits, options } = trial;
  await startEngine();
  const dataset = createDataset({
    name: 'warped-patterns',
    classes: patterns.map(({ name }) => name),
    train: drawSplit(trial, 0, train),
    test: drawSplit(trial, 1, test),
    normalization: { mean: [0.5, 0.5, 0.5], std: [0.22, 0.22, 0.22] },
  });
  for (const method of trial.methods) {
    for (const seed of trial.seeds) {
      const trained = method !== 'untrained';
      const config = presetConfig({
        preset: 'quick',
        method,
        dataset: dataset.name,
        seed,
        options: trained ? options : {},
        override: {
          model: { bnSplits },
          training: { cropSize: size, baseLr, ...(trained && { epochs }) },
          evaluation: { knnEvery: 2 },
        },
      });
      const { metrics, curves } = await runExperiment(config, dataset, {
        runsFolder: null,
        recordsFolder: null,
      });
      const knn = curves.flatMap(({ knnTop1 }) => (knnTop1 === null ? [] : [Math.round(knnTop1)]));
      console.log(
        JSON.stringify({ ...trial, methods: undefined, seeds: undefined, method, seed, ...metrics, knn }),
      );
    }
  }
}

void main();
