// Pictures per second of the MNN training step on every engine that starts, and where the time goes.
//
//   npm run bench -- [--width 8] [--size 16] [--batch 64] [--repeats 10]
//
// The engines take turns, so that whatever else the machine does meets all of them; times are medians.
import { parseArgs } from 'node:util';
import type { Tensor1D, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import { makeViews, strong, weak } from '../lib/augment';
import { shapes10 } from '../lib/data';
import { type EngineName, engineNames, startEngine, tf } from '../lib/engine';
import { createLearner, MemoryBank } from '../lib/methods';
import { MomentumNetworks } from '../lib/methods/momentum-networks';
import { randomStream } from '../lib/random';
import { presetConfig, Sgd, stepDraws, trainStep } from '../lib/training';

const { values } = parseArgs({
  options: {
    width: { type: 'string', default: '8' },
    size: { type: 'string', default: '16' },
    batch: { type: 'string', default: '64' },
    repeats: { type: 'string', default: '10' },
  },
});
const [width, size, batchSize, repeats] = [values.width, values.size, values.batch, values.repeats].map(
  Number,
);
const config = presetConfig({
  preset: 'quick',
  method: 'mnn',
  dataset: 'shapes10',
  override: { images: { size, train: batchSize }, model: { width }, training: { batchSize, cropSize: size } },
});
const dataset = shapes10({ size, train: Math.max(10, batchSize), test: 10 });

type Part =
  | 'augmentation'
  | 'student forward'
  | 'teacher forward'
  | 'neighbours'
  | 'optimiser'
  | 'whole step';

async function milliseconds(work: () => unknown): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** Everything an engine measures in one round; its networks are made once. */
function rounds(): () => Promise<Record<Part, number>> {
  const learner = createLearner(config);
  const sgd = new Sgd(learner.parameters(), { momentum: 0.9, weightDecay: 5e-4 });
  const networks = new MomentumNetworks(config, 0.99);
  const bank = new MemoryBank(randomStream(1, 'memory-bank'), 4096, config.model.dim);
  const zeros = Object.fromEntries([...learner.parameters().values()].map((p) => [p.name, tf.zerosLike(p)]));
  const indices = Int32Array.from({ length: batchSize }, (_, i) => i);
  const shape: Tensor4D['shape'] = [batchSize, size, size, 3];
  const labels = tf.zeros([batchSize], 'int32') as Tensor1D;
  const keys = tf.randomNormal([batchSize, config.model.dim]) as Tensor2D;
  let step = 0;
  return async () => {
    const request = { indices, seed: 1, epoch: step, purpose: 'augment' as const };
    let pictures: Float32Array[] = [];
    const augmentation = await milliseconds(() => {
      pictures = makeViews(dataset.train, [strong(size), weak(size)], dataset.normalization, request).views;
    });
    const views = pictures.map((view) => tf.tensor4d(view, shape));
    const draws = () => stepDraws(1, step);
    const parts = {
      augmentation,
      'student forward': await milliseconds(() => tf.tidy(() => void networks.predict(views[1], views[0]))),
      'teacher forward': await milliseconds(() =>
        tf.tidy(() => void networks.keys(draws(), views[0], views[1])),
      ),
      neighbours: await milliseconds(() => {
        for (const _direction of [21, 12]) tf.dispose({ ...bank.search(keys, labels, 5) });
        bank.enqueue(keys, labels);
      }),
      optimiser: await milliseconds(() => {
        sgd.step(zeros, 0);
        networks.moveTeacher();
      }),
      'whole step': await milliseconds(() => trainStep(learner, sgd, { views, labels }, draws(), 0.01)),
    };
    tf.dispose(views);
    step++;
    return parts;
  };
}

function median(numbers: number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
}

async function main(): Promise<void> {
  const measured = new Map<
    EngineName,
    { round: () => Promise<Record<Part, number>>; results: Record<Part, number>[] }
  >();
  for (let repeat = -1; repeat < repeats; repeat++) {
    for (const engine of engineNames) {
      // Plain JavaScript is a hundred times slower; it is asked for by name.
      if (engine === 'cpu' && process.env.MNN_ENGINE !== 'cpu') continue;
      try {
        await startEngine({ engine });
      } catch (error) {
        if (repeat < 0) console.log(`${engine} does not start: ${(error as Error).message.split('\n')[1]}`);
        continue;
      }
      const entry = measured.get(engine) ?? { round: rounds(), results: [] };
      measured.set(engine, entry);
      const result = await entry.round();
      // The first round warms up.
      if (repeat >= 0) entry.results.push(result);
    }
  }
  console.log(
    `MNN step, ResNet-18 of width ${width}, ${size} pixels, batch ${batchSize}, medians of ${repeats}`,
  );
  for (const [engine, { results }] of measured) report(engine, results);
  const speeds = [...measured].map(
    ([engine, { results }]) => [engine, median(results.map((r) => r['whole step']))] as const,
  );
  for (const [engine, time] of speeds.slice(1)) {
    console.log(`${speeds[0][0]} is ${(time / speeds[0][1]).toFixed(2)} times as fast as ${engine}`);
  }
}

function report(engine: string, results: Record<Part, number>[]): void {
  const of = (part: Part) => median(results.map((result) => result[part]));
  const step = of('whole step');
  const inStep: Part[] = ['student forward', 'teacher forward', 'neighbours', 'optimiser'];
  const rest = step - inStep.reduce((sum, part) => sum + of(part), 0);
  console.log(
    `\n${engine}: ${((1000 * batchSize) / step).toFixed(0)} images/s, ${step.toFixed(1)} ms a step`,
  );
  for (const part of inStep) console.log(`  ${part.padEnd(22)} ${share(of(part), step)}`);
  console.log(`  ${'backward and the rest'.padEnd(22)} ${share(rest, step)}`);
  console.log(`  ${'augmentation, aside'.padEnd(22)} ${share(of('augmentation'), step)} of one more core`);
}

function share(time: number, step: number): string {
  return `${time.toFixed(1).padStart(8)} ms  ${((100 * time) / step).toFixed(0).padStart(3)} %`;
}

main();
