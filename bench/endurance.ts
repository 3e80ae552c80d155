// Memory and time of the training step over many steps of a tiny network: neither may grow.
//
//   npx tsx bench/endurance.ts -- [--engine wasm] [--steps 10000]
import { parseArgs } from 'node:util';
import type { Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import { startEngine } from '../lib/engine/engine';
import { tf } from '../lib/engine/tf';
import { createLearner } from '../lib/methods';
import { presetConfig } from '../lib/presets/presets';
import { Sgd, stepDraws, trainStep } from '../lib/training';

const { values } = parseArgs({
  options: {
    engine: { type: 'string' },
    steps: { type: 'string', default: '10000' },
  },
  allowPositionals: true,
});
const batchSize = 16;
const size = 16;
const perLine = 1000;

async function main(): Promise<void> {
  const { name, threads } = await startEngine({ engine: values.engine });
  const config = presetConfig({
    preset: 'quick',
    method: 'mnn',
    dataset: 'patterns10',
    options: { memoryBank: 64 },
    override: {
      images: { size, train: batchSize },
      model: { width: 4, hidden: 16, dim: 8 },
      training: { batchSize, cropSize: size },
    },
  });
  const learner = createLearner(config);
  const sgd = new Sgd(learner.parameters(), { momentum: 0.9, weightDecay: 5e-4 });
  const views = [1, 2].map((seed) => tf.randomNormal([batchSize, size, size, 3], 0, 1, 'float32', seed));
  const batch = { views: views as Tensor4D[], labels: tf.range(0, batchSize, 1, 'int32') as Tensor1D };
  console.log(`${name}, ${threads} threads, width 4, ${size} pixels, batch ${batchSize}`);
  console.log('   steps  ms a step  resident MB  WebAssembly MB  tensors');
  let start = performance.now();
  for (let step = 1; step <= Number(values.steps); step++) {
    await trainStep(learner, sgd, batch, stepDraws(1, step), 0.001);
    if (step % perLine !== 0) continue;
    console.log(line(step, (performance.now() - start) / perLine));
    start = performance.now();
  }
}

function line(step: number, milliseconds: number): string {
  const { wasm } = tf.backend() as unknown as { wasm?: { wasmMemory: WebAssembly.Memory } };
  const cells: [string, number][] = [
    [String(step), 8],
    [milliseconds.toFixed(2), 11],
    [megabytes(process.memoryUsage().rss), 13],
    [wasm ? megabytes(wasm.wasmMemory.buffer.byteLength) : '-', 16],
    [String(tf.memory().numTensors), 9],
  ];
  return cells.map(([text, width]) => text.padStart(width)).join('');
}

function megabytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(0);
}

main();
