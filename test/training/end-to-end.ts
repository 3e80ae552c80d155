import type { Tensor1D, Tensor4D, Variable } from '@tensorflow/tfjs-core';
import { tf } from '../../lib/engine';
import type { Batch, Learner, StepDraws } from '../../lib/methods';
import { parseRunConfig, type RunConfig } from '../../lib/training/config';
import { expectClose } from '../engines';
import { type GoldenTensor, golden } from '../golden';
import { setFromPyTorch } from '../models/authors-names';

interface Codes {
  shape: number[];
  b64: string;
}

/** The small network and batches that the authors' code was run on, step by step, for the fixtures. */
export function endToEndConfig(method: string, options: RunConfig['options']): RunConfig {
  const { width, hidden, dim, bn_splits: bnSplits } = golden('e2e_init');
  return parseRunConfig({
    method,
    options,
    dataset: 'fixture',
    preset: 'fixture',
    seed: 0,
    model: { width, maxPool: false, bnSplits, hidden, dim },
    training: {
      epochs: 1,
      batchSize: 16,
      baseLr: 0.06,
      warmupEpochs: 0,
      sgdMomentum: 0.9,
      weightDecay: 5e-4,
      cropSize: 16,
    },
    evaluation: {
      knnK: 1,
      knnTemperature: 0.1,
      knnEvery: 1,
      linear: { epochs: 0, batchSize: 16, lr: 30, milestones: [] },
    },
  });
}

/** Gives a variable the values of int16 codes in PyTorch's layout. */
export function setFromCodes(variable: Variable, { shape, b64 }: Codes): void {
  const bytes = Buffer.from(b64, 'base64');
  const data = Array.from({ length: bytes.length / 2 }, (_, i) => bytes.readInt16LE(2 * i) / 4096);
  setFromPyTorch(variable, { shape, data });
}

/** Our name of one of the fixture's parameters or buffers: `net.net.3.0.bn1.bias` and the like. */
export function ourName(name: string): string {
  const [owner, ...rest] = name.split('.');
  const path = rest.join('.');
  switch (owner) {
    case 'net':
      return `backbone.${layerName(path)}`;
    case 'backbone_momentum':
      return `teacher.backbone.${layerName(path)}`;
    case 'projection_head':
      return `projection.${path}`;
    case 'prediction_head':
      return `prediction.${path}`;
    case 'projection_head_momentum':
      return `teacher.projection.${path}`;
    default:
      throw new Error(`no name for ${name}`);
  }
}

function layerName(path: string): string {
  const names = ['conv1', 'bn1', 'relu', 'layer1', 'layer2', 'layer3', 'layer4'];
  return path.replace(/^net\.(\d+)/, (_, index) => names[Number(index)]);
}

/** Sets student, teacher and bank to the fixture's start. */
export function loadStart(learner: Learner): void {
  const start = golden('e2e_init');
  const all = new Map([...learner.parameters(), ...learner.state()]);
  for (const [name, codes] of Object.entries<Codes>(start.backbone)) {
    setFromCodes(all.get(ourName(`net.${name}`))!, codes);
    setFromCodes(all.get(ourName(`backbone_momentum.${name}`))!, codes);
  }
  for (const [name, codes] of Object.entries<Codes>(start.projection_head)) {
    setFromCodes(all.get(`projection.${name}`)!, codes);
    setFromCodes(all.get(`teacher.projection.${name}`)!, codes);
  }
  for (const [name, codes] of Object.entries<Codes>(start.prediction_head)) {
    setFromCodes(all.get(`prediction.${name}`)!, codes);
  }
  openGate(learner);
  const { bank } = golden('e2e_data');
  const values = tf.div(tf.tensor2d(bank.data, bank.shape), 4096);
  all.get('bank.keys')!.assign(tf.transpose(values));
}

/**
 * One gate of the fixture is nearer to 0 than float32 can tell: in the first step, sample 4 of the first view
 * enters the last ReLU of layer3 with +9.3e-8 in channel 12, at row 1, column 2. Whether a float32 engine
 * opens it is chance, and decides about a visible part of the gradient. A bias moved by 5e-7 opens it
 * everywhere, as in the authors' float64 run, and changes nothing else that the tolerances could see.
 */
function openGate(learner: Learner): void {
  const bias = learner.parameters().get('backbone.layer3.1.bn2.bias')!;
  const nudge = Float32Array.from({ length: bias.size }, (_, channel) => (channel === 12 ? 5e-7 : 0));
  tf.tidy(() => bias.assign(tf.add(bias, nudge)));
}

/** The fixture's batch of a step; views are its first `count` ones. */
export function batchOf(step: number, count = 2): Batch {
  const { views, labels } = golden('e2e_data');
  const [, all, ...shape] = views.shape;
  const bytes = new Int8Array(Buffer.from(views.b64, 'base64'));
  const size = shape.reduce((product: number, length: number) => product * length, 1);
  const view = (index: number) => {
    const from = (step * all + index) * size;
    const values = Float32Array.from(bytes.subarray(from, from + size), (code) => code / 64);
    return tf.transpose(tf.tensor4d(values, shape), [0, 2, 3, 1]) as Tensor4D;
  };
  const own = labels.data.slice(step * 16, step * 16 + 16);
  return {
    views: Array.from({ length: count }, (_, index) => view(index)),
    labels: tf.tensor1d(own, 'int32') as Tensor1D,
  };
}

/** The fixture's random numbers of a step, two of each kind. */
export function drawsOf(step: number): StepDraws {
  const { permutations, lambdas } = golden('e2e_data');
  let [permutation, lambda] = [2 * step, 2 * step];
  return {
    permutation: () => Int32Array.from(permutations[permutation++]),
    uniform: () => lambdas[lambda++],
  };
}

/** Compares sum, sum of squares and first values of a tensor in PyTorch's layout. */
export async function expectSummary(
  value: Variable | ReturnType<typeof tf.tensor>,
  expected: { sum: number; sumsq: number; first4: number[] },
  tolerance: number,
): Promise<void> {
  const flat = tf.tidy(() => tf.reshape(toPyTorch(value as ReturnType<typeof tf.tensor>), [-1]));
  const count = expected.first4.length;
  await expectClose(tf.slice(flat, 0, count), { shape: [count], data: expected.first4 }, tolerance);
  // A sum over n values can be off by n times as much, and usually is by its root.
  const slack = tolerance * Math.sqrt(flat.size);
  await expectClose(tf.sum(flat), { shape: [], data: [expected.sum] }, slack);
  await expectClose(tf.sum(tf.square(flat)), { shape: [], data: [expected.sumsq] }, slack);
}

function toPyTorch(tensor: ReturnType<typeof tf.tensor>): ReturnType<typeof tf.tensor> {
  if (tensor.rank === 4) return tf.transpose(tensor, [3, 2, 0, 1]);
  return tensor.rank === 2 ? tf.transpose(tensor) : tensor;
}

export type { GoldenTensor };
