// What each kernel of a training step buys: its time and its plain twin's, in turns. Prints JSON.
//
//   npx tsx bench/contenders/kernels.ts '{"engine": "native", "width": 64, "batch": 64, "rounds": 5}'
import type { Tensor, Tensor2D, Tensor4D, Variable } from '@tensorflow/tfjs-core';
import { type Kernels, plainKernels } from '../../lib/engine';
import { startEngine } from '../../lib/engine/engine';
import { tf } from '../../lib/engine/tf';
import { median } from '../contender';
import type { BenchmarkRecord } from '../record';

interface Given {
  engine: string;
  width: number;
  batch: number;
  rounds: number;
}

interface Case {
  kernel: string;
  shape: string;
  work: (kernels: Kernels) => unknown;
}

const { engine, width, batch, rounds }: Given = JSON.parse(process.argv[2]);

/** The layers of a ResNet-18 for 32 pixels: 3x3 convolutions, and the first of a stage that halves the size. */
function* convolutions(): Generator<Case> {
  for (let stage = 0; stage < 4; stage++) {
    const outs = width * 2 ** stage;
    const size = 32 / 2 ** stage;
    yield* convolution(size, outs, outs, 1);
    if (stage > 0) yield* convolution(2 * size, outs / 2, outs, 2);
  }
}

function* convolution(size: number, ins: number, outs: number, stride: number): Generator<Case> {
  const shape = `${batch} x ${size} x ${size}, ${ins} -> ${outs}, stride ${stride}`;
  const x = random<Tensor4D>([batch, size, size, ins]);
  const filter = random<Tensor4D>([3, 3, ins, outs]);
  const dy = random<Tensor4D>([batch, size / stride, size / stride, outs]);
  yield { kernel: 'convolution', shape, work: (kernels) => kernels.conv2d(x, filter, stride, 1) };
  yield {
    kernel: 'its input gradient',
    shape,
    work: (kernels) => kernels.conv2dInputGradient(dy, filter, x.shape, stride, 1),
  };
  yield {
    kernel: 'its filter gradient',
    shape,
    work: (kernels) => kernels.conv2dFilterGradient(x, dy, filter.shape, stride, 1),
  };
}

function* normalizations(): Generator<Case> {
  const x = random<Tensor4D>([batch, 32, 32, width]);
  const residual = random(x.shape);
  const affine = { scale: random([width]), offset: random([width]) };
  const groups = { views: 2, splits: 8 };
  const options = { epsilon: 1e-5, relu: true, residual };
  const { y, statistics } = plainKernels.batchNorm(x, affine, groups, options);
  const shape = x.shape.join(' x ');
  yield { kernel: 'batch norm, sum, ReLU', shape, work: (k) => k.batchNorm(x, affine, groups, options) };
  yield {
    kernel: 'its gradients',
    shape,
    work: (k) => k.batchNormGradient(residual, x, y, affine, statistics, groups, 1e-5, true),
  };
  yield {
    kernel: 'batch norm, evaluation',
    shape,
    work: (k) => k.batchNormInference(x, affine, affine.offset, tf.square(affine.scale), options),
  };
}

function* updates(): Generator<Case> {
  // The parameters of the backbone, about.
  const shapes = Array.from({ length: 4 }, (_, stage) => [3, 3, width * 2 ** stage, width * 2 ** stage]);
  const all = [...shapes, ...shapes, ...shapes, ...shapes];
  const variables = () => all.map((shape) => tf.variable(random(shape), false)) as Variable[];
  const [parameters, buffers, gradients] = [variables(), variables(), all.map((shape) => random(shape))];
  const settings = { lr: 0, momentum: 0.9, weightDecay: 0, nesterov: false };
  const shape = `${all.length} tensors`;
  yield { kernel: 'SGD', shape, work: (k) => k.sgdStep(parameters, gradients, buffers, settings) };
  yield { kernel: 'moving average', shape, work: (k) => k.movingAverage(buffers, parameters, 0.99) };
  const [keys, bank] = [random<Tensor2D>([batch, 128]), random<Tensor2D>([4096, 128])];
  yield {
    kernel: 'matrix product',
    shape: `${batch} x 128 x 4096`,
    work: (k) => k.matMul(keys, bank, false, true),
  };
}

function random<T extends Tensor = Tensor>(shape: number[]): T {
  return tf.randomNormal(shape, 0, 1, 'float32', 1) as unknown as T;
}

/** Milliseconds of work; every engine here is done with it when it returns. */
function milliseconds(work: () => unknown): number {
  tf.engine().startScope();
  const start = performance.now();
  work();
  const time = performance.now() - start;
  tf.engine().endScope();
  return time;
}

async function main(): Promise<void> {
  const { kernels } = await startEngine({ engine });
  const results: BenchmarkRecord['kernels'] = [];
  for (const { kernel, shape, work } of [...convolutions(), ...normalizations(), ...updates()]) {
    const ours: number[] = [];
    const plain: number[] = [];
    for (let round = -1; round < rounds; round++) {
      const [ourTime, plainTime] = [kernels, plainKernels].map((set) => milliseconds(() => work(set)));
      if (round < 0) continue;
      ours.push(ourTime);
      plain.push(plainTime);
    }
    results.push({ engine, kernel, shape, milliseconds: median(ours), plainMilliseconds: median(plain) });
  }
  console.log(JSON.stringify(results));
}

main();
