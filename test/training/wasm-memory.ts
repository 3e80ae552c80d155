import type { Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import { startEngine } from '../../lib/engine/engine';
import { tf } from '../../lib/engine/tf';
import { createLearner } from '../../lib/methods';
import { Sgd, stepDraws, trainStep } from '../../lib/training';
import { tinyConfig } from './tiny-run';

/** Takes 200 training steps on WebAssembly and prints how large its memory was after 20 and after all. */
async function main(): Promise<void> {
  await startEngine({ engine: 'wasm' });
  const learner = createLearner(tinyConfig());
  const optimizer = new Sgd(learner.parameters(), { momentum: 0.9, weightDecay: 5e-4 });
  const views = [1, 2].map((seed) => tf.randomUniform([10, 16, 16, 3], -1, 1, 'float32', seed) as Tensor4D);
  const batch = { views, labels: tf.range(0, 10, 1, 'int32') as Tensor1D };
  const { wasm } = tf.backend() as unknown as { wasm: { wasmMemory: WebAssembly.Memory } };
  const sizes: number[] = [];
  for (let step = 1; step <= 200; step++) {
    await trainStep(learner, optimizer, batch, stepDraws(1, step), 0.01);
    if (step === 20 || step === 200) sizes.push(wasm.wasmMemory.buffer.byteLength);
  }
  console.log(JSON.stringify(sizes));
  process.exit(0);
}

main();
