// Views per second and core, beside torchvision and Pillow doing the same in turns; where the time of a strong
// view goes; and what a training loop gets from the view loader.
//
//   npx tsx bench/augmentation.ts          MNN_PYTHON names the Python to compare with (default: python3)
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { createInterface } from 'node:readline';
import { makeViews, strong, ViewLoader, weak } from '../lib/augment';
import { CompiledPainter } from '../lib/augment/compiled-painter';
import type { Recoloring } from '../lib/augment/view-plan';
import { randomStream } from '../lib/core/random';
import type { Images, Normalization } from '../lib/data/dataset';
import { median } from './contender';

const BATCH = 256;
const normalization: Normalization = { mean: [0.4914, 0.4822, 0.4465], std: [0.2023, 0.1994, 0.201] };
const recipes = { strong, weak };

type Recipe = keyof typeof recipes;
type Library = 'mnn' | 'torchvision' | 'pillow';

export interface AugmentationSpeed {
  recipe: Recipe;
  /** Height and width in pixels of images and views. */
  size: number;
  /** Medians in one thread; Python's libraries are missing where they cannot be imported. */
  imagesPerSecond: Partial<Record<Library, number>>;
}

/** Measures both recipes at 32 and 64 pixels; in each round, all libraries take turns. */
export async function measureAugmentation(rounds: number = 15): Promise<AugmentationSpeed[]> {
  const python = await startPython();
  const measured = [32, 64].flatMap((size) =>
    (['strong', 'weak'] as const).map((recipe) => ({
      recipe,
      size,
      ours: ourRounds(recipe, size),
      speeds: {} as Partial<Record<Library, number[]>>,
    })),
  );
  // The first two rounds warm up.
  for (let round = -2; round < rounds; round++) {
    for (const { recipe, size, ours, speeds } of measured) {
      const note = (library: Library, speed: number) => {
        speeds[library] ??= [];
        if (round >= 0) speeds[library].push(speed);
      };
      note('mnn', ours());
      for (const library of ['torchvision', 'pillow'] as const) {
        if (python) note(library, await python.round({ library, recipe, size }));
      }
    }
  }
  python?.stop();
  return measured.map(({ recipe, size, speeds }) => ({
    recipe,
    size,
    imagesPerSecond: Object.fromEntries(
      Object.entries(speeds).map(([library, list]) => [library, Math.round(median(list))]),
    ),
  }));
}

/** Images per second of one round of as many images as a round of Python's. */
function ourRounds(recipe: Recipe, size: number): () => number {
  const images = wavyImages(size);
  const augmentation = recipes[recipe](size);
  let into: Float32Array[] | undefined;
  let epoch = 0;
  return () => {
    const seconds = timed(() => {
      for (const indices of batchesOf(images)) {
        const request = { indices, seed: 1, epoch, purpose: 'augment' as const, into };
        into = makeViews(images, [augmentation], normalization, request).views;
      }
    });
    epoch++;
    return images.count / seconds;
  };
}

interface Python {
  round(what: { library: Library; recipe: Recipe; size: number }): Promise<number>;
  stop(): void;
}

/** Python with its script of the same views, or nothing, with a reason printed, where it does not start. */
async function startPython(): Promise<Python | undefined> {
  const command = process.env.MNN_PYTHON ?? 'python3';
  const script = join(__dirname, 'pytorch', 'augmentation.py');
  const child: ChildProcess = spawn(command, [script, '--rounds'], { stdio: ['pipe', 'pipe', 'ignore'] });
  const ended = Promise.race([once(child, 'exit'), once(child, 'error')]).catch(() => {});
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  child.stdin!.on('error', () => {});
  const answer = async () => {
    const line = await Promise.race([lines.next(), ended]);
    return line && 'value' in line && line.value !== undefined ? String(line.value) : undefined;
  };
  if ((await answer()) !== 'ready') {
    console.log(`No comparison: ${command} cannot import torch, torchvision and Pillow (set MNN_PYTHON).`);
    child.kill();
    return undefined;
  }
  return {
    async round(what) {
      child.stdin!.write(`${JSON.stringify(what)}\n`);
      const line = await answer();
      if (line === undefined) throw new Error(`${script} ended at ${JSON.stringify(what)}.`);
      return Number(line);
    },
    stop: () => child.stdin!.end(),
  };
}

export interface LoaderSpeed {
  workers: number;
  /** Images per second of which both views came. */
  imagesPerSecond: number;
  /** Milliseconds of each batch in which the calling thread was at work. */
  mainThread: number;
}

/** A strong and a weak view of batches of 256 images of 32 pixels, taken as fast as the loader makes them. */
export async function measureLoader(workers: number, batches: number = 60): Promise<LoaderSpeed> {
  const images = wavyImages(32);
  const [indices] = batchesOf(images);
  const loader = new ViewLoader(images, ['strong', 'weak'], 32, normalization, { workers });
  const requests = Array.from({ length: batches + 10 }, (_, epoch) => {
    return { indices, seed: 1, epoch, purpose: 'augment' as const };
  });
  let [taken, start, busy] = [0, 0, performance.eventLoopUtilization()];
  for await (const { views } of loader.batches(requests)) {
    loader.release(views);
    // The first batches wait for the workers to start and warm up.
    if (++taken === 10) [start, busy] = [performance.now(), performance.eventLoopUtilization()];
  }
  const seconds = (performance.now() - start) / 1000;
  const { active } = performance.eventLoopUtilization(busy);
  await loader.close();
  return { workers, imagesPerSecond: (batches * BATCH) / seconds, mainThread: active / batches };
}

/** Prints what each operation adds to a view of 32 or 64 pixels, weighed with its share of strong views. */
function printStages(size: number): void {
  const images = wavyImages(size);
  const painter = new CompiledPainter(size, size);
  const out = new Float32Array(size * size * 3);
  const side = Math.round(0.77 * size);
  const crop = { top: 1, left: 1, height: side, width: side };
  const copies = Array.from({ length: images.count }, (_, i) =>
    images.pixels.subarray(i * out.length, (i + 1) * out.length),
  );
  const jitter = (operation: number) => ({ jitter: { order: [operation], factors: [0.7, 0.7, 0.7, 0.07] } });
  const stages: [string, number, Recoloring][] = [
    ['crop and write', 1, {}],
    ['brightness', 0.8, jitter(0)],
    ['contrast', 0.8, jitter(1)],
    ['saturation', 0.8, jitter(2)],
    ['hue', 0.8, jitter(3)],
    ['grayscale', 0.2, { gray: true }],
    ['blur', 0.5, { sigma: 1.7 }],
  ];
  const seconds = stages.map((): number[] => []);
  const streams: number[] = [];
  for (let round = -2; round < 15; round++) {
    const note = (list: number[], work: (i: number) => void) => {
      const time = timed(() => copies.forEach((_, i) => void work(i)));
      if (round >= 0) list.push(time);
    };
    note(streams, (i) => randomStream(1, 'augment', round + 2, i).uniform());
    stages.forEach(([, , recoloring], stage) => {
      note(seconds[stage], (i) =>
        painter.paint(copies[i], { crop, flip: false, ...recoloring }, normalization, out, 0),
      );
    });
  }
  const [base, ...others] = seconds.map(median);
  const print = (name: string, time: number) =>
    console.log(`  ${name.padEnd(16)}${((1e6 * time) / images.count).toFixed(2).padStart(7)} us per view`);
  print('random stream', median(streams));
  print(stages[0][0], base);
  for (const [i, time] of others.entries()) print(stages[i + 1][0], (time - base) * stages[i + 1][1]);
}

/** Images of overlapping waves: smooth with edges, as photographs are. */
function wavyImages(size: number): Images {
  const count = 4 * BATCH;
  const pixels = new Uint8Array(count * size * size * 3);
  const random = randomStream(1, 'dataset');
  for (let start = 0; start < pixels.length; start += size * size * 3) {
    const [a, b, c] = [random.uniform(0, 9), random.uniform(0, 9), random.uniform(0, 9)];
    for (let i = 0; i < size * size * 3; i++) {
      const x = Math.floor(i / 3) % size;
      const y = Math.floor(i / (3 * size));
      pixels[start + i] = 128 + 100 * Math.sin((a * x + b * y) / size + c * (i % 3)) + (x > y ? 25 : 0);
    }
  }
  return { count, size, pixels };
}

function batchesOf({ count }: Images): Int32Array[] {
  return Array.from({ length: count / BATCH }, (_, batch) =>
    Int32Array.from({ length: BATCH }, (_, i) => batch * BATCH + i),
  );
}

/** Seconds. */
function timed(work: () => void): number {
  const start = performance.now();
  work();
  return (performance.now() - start) / 1000;
}

async function main(): Promise<void> {
  for (const { recipe, size, imagesPerSecond } of await measureAugmentation()) {
    const { mnn, ...others } = imagesPerSecond;
    const ratios = Object.entries(others).map(
      ([library, speed]) => `${library} ${speed}, ${(mnn! / speed).toFixed(1)} times as fast`,
    );
    console.log([`${recipe.padEnd(6)} ${size} px: ${mnn} images/s`, ...ratios].join('; '));
  }
  for (const size of [32, 64]) {
    console.log(`a strong view of ${size} px`);
    printStages(size);
  }
  for (const workers of [1, 2]) {
    const { imagesPerSecond, mainThread } = await measureLoader(workers);
    console.log(
      `loader, ${workers} workers: ${Math.round(imagesPerSecond)} images/s of two views, ` +
        `${mainThread.toFixed(2)} ms a batch on the main thread`,
    );
  }
}

if (require.main === module) main();
