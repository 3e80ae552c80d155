/**
 * Images per second of each recipe in one thread, and how the time of a strong view divides.
 * Run: npx tsx bench/augmentation.ts
 */
import { adjustBrightness, adjustContrast, adjustSaturation } from '../lib/augment/blend';
import { gaussianBlur } from '../lib/augment/gaussian-blur';
import { grayscale } from '../lib/augment/grayscale';
import { horizontalFlip } from '../lib/augment/horizontal-flip';
import { adjustHue } from '../lib/augment/hue';
import { makeViews } from '../lib/augment/make-views';
import { normalize } from '../lib/augment/normalize';
import { sampleCrop } from '../lib/augment/random-resized-crop';
import { linearTrain, strong, weak } from '../lib/augment/recipes';
import { resizedCrop } from '../lib/augment/resized-crop';
import type { Images, Normalization } from '../lib/data/dataset';
import { randomStream } from '../lib/random';

const BATCH = 256;
const REPEATS = 9;
const normalization: Normalization = { mean: [0.4914, 0.4822, 0.4465], std: [0.2023, 0.1994, 0.201] };

/** Pictures of overlapping waves: smooth with edges, as photographs are. */
function wavyImages(size: number): Images {
  const pixels = new Uint8Array(BATCH * size * size * 3);
  const random = randomStream(1, 'dataset');
  for (let start = 0; start < pixels.length; start += size * size * 3) {
    const [a, b, c] = [random.uniform(0, 9), random.uniform(0, 9), random.uniform(0, 9)];
    for (let i = 0; i < size * size * 3; i++) {
      const x = Math.floor(i / 3) % size;
      const y = Math.floor(i / (3 * size));
      pixels[start + i] = 128 + 100 * Math.sin((a * x + b * y) / size + c * (i % 3)) + (x > y ? 25 : 0);
    }
  }
  return { count: BATCH, size, pixels };
}

/** Median seconds of one call, after two calls to warm up. */
function medianSeconds(work: (repeat: number) => void): number {
  const seconds: number[] = [];
  for (let repeat = -2; repeat < REPEATS; repeat++) {
    const start = performance.now();
    work(repeat);
    if (repeat >= 0) seconds.push((performance.now() - start) / 1000);
  }
  return seconds.sort((a, b) => a - b)[REPEATS >> 1];
}

function printRecipes(images: Images, size: number): void {
  const indices = Int32Array.from({ length: BATCH }, (_, i) => i);
  for (const augmentation of [strong(size), weak(size), linearTrain(size)]) {
    const seconds = medianSeconds((repeat) => {
      makeViews(images, [augmentation], normalization, {
        indices,
        seed: 1,
        epoch: repeat + 2,
        purpose: 'augment',
      });
    });
    const perSecond = Math.round(BATCH / seconds);
    console.log(`${augmentation.name.padEnd(13)} ${images.size} -> ${size} px  ${perSecond} images/s`);
  }
}

/** Times each operation of the strong recipe alone and weighs it with its probability. */
function printStrongStages(images: Images, size: number): void {
  const random = randomStream(1, 'augment');
  const length = images.size ** 2 * 3;
  const view = new Uint8Array(size * size * 3);
  const out = new Float32Array(view.length);
  const source = (i: number) => images.pixels.subarray(i * length, (i + 1) * length);
  resizedCrop(
    source(0),
    images.size,
    { top: 0, left: 0, height: images.size, width: images.size },
    size,
    view,
  );
  const original = view.slice();
  const stages: [string, number, (i: number) => void][] = [
    ['random streams', 1, (i) => randomStream(1, 'augment', i).normal()],
    [
      'resized crop',
      1,
      (i) => resizedCrop(source(i), images.size, sampleCrop(random, images.size, [0.2, 1]), size, view),
    ],
    ['flip', 0.5, () => horizontalFlip(view, size)],
    ['brightness', 0.8, () => adjustBrightness(view, random.uniform(0.6, 1.4))],
    ['contrast', 0.8, () => adjustContrast(view, random.uniform(0.6, 1.4))],
    ['saturation', 0.8, () => adjustSaturation(view, random.uniform(0.6, 1.4))],
    ['hue', 0.8, () => adjustHue(view, random.uniform(-0.1, 0.1))],
    ['grayscale', 0.2, () => grayscale(view)],
    ['blur', 0.5, () => gaussianBlur(view, size, random.uniform(0.1, 2))],
    ['normalize', 1, () => normalize(view, normalization, out, 0)],
  ];
  const times = stages.map(([name, probability, work]) => {
    const seconds = medianSeconds(() => {
      for (let i = 0; i < BATCH; i++) {
        view.set(original);
        work(i);
      }
    });
    return { name, microseconds: (seconds / BATCH) * probability * 1e6 };
  });
  const total = times.reduce((sum, { microseconds }) => sum + microseconds, 0);
  for (const { name, microseconds } of times) {
    const share = Math.round((100 * microseconds) / total);
    console.log(`  ${name.padEnd(15)}${microseconds.toFixed(1).padStart(6)} us per image  ${share}%`);
  }
}

for (const size of [32, 64]) {
  const images = wavyImages(size);
  printRecipes(images, size);
  printStrongStages(images, size);
}
printRecipes(wavyImages(96), 64);
