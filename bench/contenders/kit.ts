// One contender of bench/contender.ts: the kit on one engine, at one task.
//
//   npx tsx bench/contenders/kit.ts '{"task": "step", "engine": "native", "width": 64, "batch": 128}'
import { createInterface } from 'node:readline';
import type { Tensor1D, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import { ViewLoader } from '../../lib/augment';
import { type Dataset, patterns10 } from '../../lib/data';
import { currentEngine, startEngine } from '../../lib/engine/engine';
import { nativeKernels } from '../../lib/engine/native/kernels';
import { tf } from '../../lib/engine/tf';
import { LinearClassifier, nearestNeighborScores } from '../../lib/evaluation';
import { createLearner, viewsOf } from '../../lib/methods';
import { apply } from '../../lib/models';
import { presetConfig } from '../../lib/presets/presets';
import { Sgd, stepDraws, trainStep } from '../../lib/training';
import { peakProduct } from '../matrix-peak';

export interface KitTask {
  task: 'step' | 'loop' | 'knn' | 'linear' | 'product';
  engine: string;
  width: number;
  batch: number;
  /** Whose training step; MNN's unless it says so. */
  method?: string;
  /** Of products on an NVIDIA GPU. Default: float32. */
  precision?: string;
  /** Take TensorFlow's own operations alone. */
  stock?: boolean;
}

const size = 32;
const given: KitTask = JSON.parse(process.argv[2]);

type Work = () => Promise<unknown>;

interface Trainer {
  /** How many views of each image a step takes. */
  views: number;
  train(views: Tensor4D[], step: number): Promise<unknown>;
}

/** The learner of a method with the paper's settings, and its optimizer; `train` is one training step. */
function trainer(): Trainer {
  const { width, batch, method = 'mnn' } = given;
  const config = presetConfig({
    preset: 'paper',
    method,
    dataset: 'cifar10',
    override: { model: { width }, training: { batchSize: batch } },
  });
  const learner = createLearner(config);
  const sgd = new Sgd(learner.parameters(), { momentum: 0.9, weightDecay: 5e-4 });
  const labels = tf.zeros([batch], 'int32') as Tensor1D;
  return {
    views: viewsOf(config).length,
    train: (views, step) => trainStep(learner, sgd, { views, labels }, stepDraws(1, step), 0.01),
  };
}

const tasks: Record<KitTask['task'], () => Work> = {
  /** The training step on views that are there. */
  step() {
    const { views: count, train } = trainer();
    const views = Array.from({ length: count }, (_, i) =>
      tf.randomNormal([given.batch, size, size, 3], 0, 1, 'float32', i + 1),
    );
    let step = 0;
    return () => train(views as Tensor4D[], step++);
  },
  /** The training step with the views made on the way, as in a run. */
  loop() {
    const { train } = trainer();
    const next = viewBatches(patterns10({ size, train: given.batch, test: 10 }));
    let step = 0;
    return async () => {
      const views = await next();
      await train(views, step++);
      tf.dispose(views);
    };
  },
  /** The 200 nearest of 50,000 rows of 512 for 1,024 rows, and their votes. */
  knn() {
    const bank = tf.randomNormal([50_000, 512], 0, 1, 'float32', 1) as Tensor2D;
    const queries = tf.randomNormal([1024, 512], 0, 1, 'float32', 2) as Tensor2D;
    const labels = Int32Array.from({ length: 50_000 }, (_, i) => i % 10);
    return () => nearestNeighborScores(bank, labels, queries, 10, { k: 200, temperature: 0.1 });
  },
  /** A step of the linear evaluation: features of a batch, and the classifier's update. */
  linear() {
    const { backbone } = createLearner(
      presetConfig({
        preset: 'paper',
        method: 'mnn',
        dataset: 'cifar10',
        override: { model: { width: given.width } },
      }),
    );
    const images = tf.randomNormal([given.batch, size, size, 3], 0, 1, 'float32', 1);
    const labels = Int32Array.from({ length: given.batch }, (_, i) => i % 10);
    const classifier = new LinearClassifier(1, 8 * given.width, 10);
    return async () => {
      const features = tf.tidy(() => apply(backbone, images, { training: false }) as Tensor2D);
      await classifier.trainStep(features, labels, 0.1);
      features.dispose();
    };
  },
  /** A large matrix product, as the 1x1 convolution that it is. */
  product() {
    const { rows, depth, columns } = peakProduct;
    const { kernels } = currentEngine();
    const x = tf.randomNormal([rows / 64, 8, 8, depth], 0, 1, 'float32', 1) as Tensor4D;
    const filter = tf.randomNormal([1, 1, depth, columns], 0, 1, 'float32', 2) as Tensor4D;
    return async () => kernels.conv2d(x, filter, 1, 0).dispose();
  },
};

/** Batches of a strong and a weak view, from the loader that runs use. */
function viewBatches({ train, normalization }: Dataset): () => Promise<Tensor4D[]> {
  const loader = new ViewLoader(train, ['strong', 'weak'], size, normalization, {});
  const indices = Int32Array.from({ length: given.batch }, (_, i) => i);
  const requests = (function* () {
    for (let epoch = 0; ; epoch++) yield { indices, seed: 1, epoch, purpose: 'augment' as const };
  })();
  const batches = loader.batches(requests)[Symbol.asyncIterator]();
  return async () => {
    const { views } = (await batches.next()).value!;
    const tensors = views.map((view: Float32Array) => tf.tensor4d(view, [given.batch, size, size, 3]));
    return tensors;
  };
}

async function main(): Promise<void> {
  const { version } = await startEngine({ engine: given.engine, precision: given.precision });
  if (given.stock) Object.assign(currentEngine().kernels, nativeKernels);
  const work = tasks[given.task]();
  console.log(JSON.stringify({ version }));
  for await (const _line of createInterface({ input: process.stdin })) {
    const start = performance.now();
    await work();
    const milliseconds = performance.now() - start;
    console.log(JSON.stringify({ milliseconds, peakBytes: 1024 * process.resourceUsage().maxRSS }));
  }
}

main().catch((error: Error) => {
  console.error(error.message.replaceAll('\n', ' '));
  process.exitCode = 1;
});
