import assert from 'node:assert/strict';
import type { Tensor, Tensor1D, Tensor4D, Variable } from '@tensorflow/tfjs-core';
import { parseRunConfig, type RunConfig } from '../../lib/config/run-config';
import { tf } from '../../lib/engine/tf';
import {
  type Batch,
  createLearner,
  type Learner,
  methodOptions,
  type StepDraws,
  viewsOf,
} from '../../lib/methods';
import { apply } from '../../lib/models';
import { Sgd } from '../../lib/training/sgd';
import { trainStep } from '../../lib/training/step';
import { expectClose } from '../engines';
import { type GoldenTensor, golden } from '../golden';
import { setFromPyTorch } from '../models/authors-names';
import { heldRelus, holdingRelus, type NearZero, recordNearZero } from './held-relus';
import { heldTies, holdingTies, type NearTies, recordNearTies } from './held-ties';

interface Codes {
  shape: number[];
  b64: string;
}

/** Statistics of a tensor in PyTorch's layout. */
interface Summary {
  sum: number;
  sumsq: number;
  first4: number[];
}

/** A few training steps by the authors' code. */
export interface AuthorsRun {
  /** What distinguishes it from the others. */
  title: string;
  method: string;
  options: RunConfig['options'];
  steps: { lr: number; loss: number; purity: number | null; ptr_after?: number }[];
  /** The random numbers of a step. */
  draws(step: number): StepDraws;
  /** Start values of the heads, by the authors' names. */
  heads: Record<'projection_head' | 'prediction_head', Record<string, Codes> | null>;
  /** Gradients of the first step, kept for some runs. */
  gradients: Record<string, Summary>;
  final: Record<string, Summary>;
  /** Keys of some of the bank's slots, in place of the fixture's. */
  bankKeys?: Record<number, number[]>;
  /** What float32 could not tell in each step, when that is not in the files of the authors' runs. */
  held?: Held;
  finalFeatures?: GoldenTensor;
}

/** What float32 could not tell in each step. */
export interface Held {
  relus: NearZero[];
  ties: NearTies[];
}

/** How far a replay may be from the authors' run. */
export interface Tolerances {
  /** Relative, of the losses; it may depend on method and step. */
  loss: number | ((method: string, step: number) => number);
  /** Of the weights, running statistics and bank after the last step, and of features made with them. */
  final: number;
  /** Of the gradients of the first step. */
  gradient: number;
  /** Whether the tolerance of the gradients is relative to their size; else it is absolute up to 1. */
  relative: boolean;
}

type Fixture = ReturnType<typeof golden>;

const double = ({ dtype }: { dtype: string }) => dtype === 'float64';

/** The authors' runs of MNN in double precision, five steps each. */
export function mnnRuns(): AuthorsRun[] {
  const { projection_head, prediction_head } = golden('e2e_init');
  return golden('e2e_mnn')
    .runs.filter(double)
    .map((run: Fixture): AuthorsRun => {
      const { norm_variant: mixing, topk: topK, momentum: teacherMomentum, steps, first_step, final } = run;
      return {
        title: `${mixing}, K ${topK}, lr ${steps[0].lr} to ${steps.at(-1)!.lr}`,
        method: 'mnn',
        options: { teacherMomentum, topK, mixing, memoryBank: 48 },
        steps,
        draws: (step) => drawsOf(2 * step, lambdasOf(step)),
        heads: { projection_head, prediction_head },
        gradients: first_step?.grads ?? {},
        final,
        finalFeatures: run.final_eval_feature_rows,
      };
    });
}

/** The fixture's names of methods and settings, as ours. */
const ourMethods: Record<string, string> = { moco: 'moco-v2', unmix: 'un-mix' };
const ourOptions: Record<string, (settings: Record<string, never>) => RunConfig['options']> = {
  simclr: ({ tem: temperature }) => ({ temperature }),
  'moco-v2': ({ tem: temperature }) => ({ temperature }),
  ressl: ({ tem: teacherTemperature }) => ({ teacherTemperature }),
  sce: ({ tem: teacherTemperature, coeff: coefficient }) => ({ teacherTemperature, coefficient }),
  nnclr: ({ tem: temperature, topk: topK }) => ({ temperature, topK }),
  snclr: ({ tem: temperature, topk: topK, threshold }) => ({ temperature, topK, threshold }),
  msf: ({ topk: topK }) => ({ topK }),
  cmsf: ({ topk: topK }) => ({ topK }),
};

/** The authors' runs of the other methods, three steps each. */
export function baselineRuns(): AuthorsRun[] {
  const { runs, heads, unmix } = golden('e2e_baselines');
  return runs.filter(double).map((run: Fixture): AuthorsRun => {
    const method = ourMethods[run.method] ?? run.method;
    const known = methodOptions(method, {});
    const { momentum: teacherMomentum, settings, steps } = run;
    const ours = { teacherMomentum, memoryBank: 48, ...ourOptions[method]?.(settings) };
    return {
      title: method,
      method,
      options: Object.fromEntries(Object.entries(ours).filter(([name]) => name in known)),
      steps,
      draws: (step) =>
        drawsOf(steps[step].permutations_used[0], method === 'un-mix' ? mixtureOf(unmix[step]) : []),
      heads: heads[run.heads],
      gradients: run.first_step_grads,
      final: run.final,
    };
  });
}

/** The uniform numbers from which UnMix draws a mixture of 16 pixels. */
function mixtureOf({ mode, lam, box }: { mode: string; lam: number; box?: number[] }): number[] {
  if (mode === 'mixup') return [lam, 0];
  const [top, left, bottom, right] = box!;
  return [lam, 0.5, ((top + bottom) / 2 + 0.5) / 16, ((left + right) / 2 + 0.5) / 16];
}

/** The learner of a run, at the fixture's start. */
function startOf({ method, options, heads, bankKeys }: AuthorsRun): Learner {
  const learner = createLearner(endToEndConfig(method, options));
  loadStart(learner, heads);
  const bank = learner.state().get('bank.keys');
  if (bank && bankKeys) {
    const rows = bank.arraySync() as number[][];
    bank.assign(tf.tensor2d(rows.map((row, slot) => bankKeys[slot] ?? row)));
  }
  return learner;
}

/**
 * Trains as the authors did, and fails where a loss, purity or bank pointer of a step, or a value after the
 * last step, is another than theirs.
 * @param float32 go as far as float32 can follow, with the ReLUs and neighbors that it can't tell held as they are in
 *   double precision (held-relus.ts, held-ties.ts).
 * @returns what float32 could not tell, for each step.
 */
export async function expectSameTraining(
  run: AuthorsRun,
  allowed: Tolerances,
  float32: boolean,
): Promise<Held> {
  const learner = startOf(run);
  const parameters = learner.parameters();
  const optimizer = new Sgd(parameters, { momentum: 0.9, weightDecay: 5e-4 });
  const found: Held = { relus: [], ties: [] };
  const views = viewsOf(run).length;
  const steps = run.steps.slice(0, float32 ? float32Steps(run.title) : undefined);
  for (const [index, step] of steps.entries()) {
    const train = () => trainStep(learner, optimizer, batchOf(index, views), run.draws(index), step.lr);
    const { result, relus, ties } = await (float32 ? holding(run, index, train) : recording(train));
    const { loss, purity } = result;
    found.relus.push(relus);
    found.ties.push(ties);
    const where = `step ${index}`;
    const off = Math.abs(loss - step.loss);
    const tolerance = typeof allowed.loss === 'number' ? allowed.loss : allowed.loss(run.method, index);
    assert.ok(off <= tolerance * step.loss, `${where}: loss ${loss}, not ${step.loss} (off by ${off})`);
    // The fixture has the purity as float32.
    const same = step.purity === null ? purity === null : Math.abs(purity! - step.purity) < 1e-7;
    assert.ok(same, `${where}: purity ${purity}, not ${step.purity}`);
    if (step.ptr_after !== undefined) assert.equal(learner.counters().bank.pointer, step.ptr_after);
  }
  if (steps.length < run.steps.length) return found;
  const all = new Map([...parameters, ...learner.state()]);
  for (const [name, expected] of Object.entries(run.final)) {
    if (name.endsWith('num_batches_tracked')) continue;
    // The fixture's bank is [dim, size], ours [size, dim]: as one transposed matrix they agree.
    const value = all.get(name === 'memory_bank.bank' ? 'bank.keys' : ourName(name));
    assert.ok(value, name);
    await named(name, expectSummary(value as Tensor, expected, allowed.final));
  }
  if (run.finalFeatures) {
    const rows = tf.slice(batchOf(0, 1).views[0], [0, 0, 0, 0], [2, -1, -1, -1]);
    const features = apply(learner.backbone, rows, { training: false });
    await named('features', expectClose(features, run.finalFeatures, allowed.final));
  }
  return found;
}

/**
 * Steps of a run that float32 can follow. At the paper's learning rate rounding has grown to 1e-5 in the
 * fourth step and 1e-4 in the fifth; that run is followed to its end in double precision alone.
 */
function float32Steps(run: string): number {
  return run.endsWith('lr 0.015 to 0.045') ? 3 : 5;
}

/** The gradients of a run's first step, by the authors' names. */
export async function gradientsOf(run: AuthorsRun, float32: boolean): Promise<(name: string) => Tensor> {
  const learner = startOf(run);
  const parameters = learner.parameters();
  const differentiate = async () =>
    tf.variableGrads(
      () => learner.step(batchOf(0, viewsOf(run).length), run.draws(0)).loss,
      [...parameters.values()],
    );
  const { grads } = float32 ? (await holding(run, 0, differentiate)).result : await differentiate();
  return (name) => grads[parameters.get(ourName(name))!.name];
}

/** Fails where a gradient of a run's first step is another than the authors', if the fixture has them. */
export async function expectSameGradients(
  run: AuthorsRun,
  allowed: Tolerances,
  float32: boolean,
): Promise<void> {
  const gradient = await gradientsOf(run, float32);
  for (const [name, expected] of Object.entries(run.gradients)) {
    await named(name, expectSummary(gradient(name), expected, allowed.gradient, allowed.relative));
  }
}

/** The first step of a run: its loss, and what float32 could not tell in it. */
export async function firstStep(run: AuthorsRun): Promise<Told<{ loss: number; purity: number | null }>> {
  const learner = startOf(run);
  const optimizer = new Sgd(learner.parameters(), { momentum: 0.9, weightDecay: 5e-4 });
  return recording(() =>
    trainStep(learner, optimizer, batchOf(0, viewsOf(run).length), run.draws(0), run.steps[0].lr),
  );
}

interface Told<T> {
  result: T;
  relus: NearZero;
  ties: NearTies;
}

/** A step, and what float32 could not tell in it. */
async function recording<T>(step: () => Promise<T>): Promise<Told<T>> {
  const { result, nearZero } = await recordNearZero(() => recordNearTies(step));
  return { ...result, relus: nearZero };
}

/** A step of a run with what float32 can't tell held as it is in double precision. */
async function holding<T>(
  { title, held }: AuthorsRun,
  index: number,
  step: () => Promise<T>,
): Promise<Told<T>> {
  const { relus: allRelus, ties: allTies } = held ?? { relus: heldRelus()[title], ties: heldTies()[title] };
  const [relus, ties] = [allRelus[index], allTies[index]];
  const { result } = await holdingRelus(relus, () => holdingTies(ties, step));
  return { result, relus, ties };
}

/** Puts the name of what is compared before the message of a failure. */
async function named(name: string, comparison: Promise<void>): Promise<void> {
  try {
    await comparison;
  } catch (error) {
    throw new Error(`${name}: ${(error as Error).message}`);
  }
}

/** The small network and batches that the authors' code was run on, step by step, for the fixtures. */
export function endToEndConfig(method: string, options: RunConfig['options']): RunConfig {
  const { width, hidden, dim, bn_splits: bnSplits } = golden('e2e_init');
  return parseRunConfig({
    method,
    options,
    dataset: 'fixture',
    images: {},
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

/** Sets student, teacher and banks to the fixture's start. */
export function loadStart(learner: Learner, heads: AuthorsRun['heads']): void {
  const all = new Map([...learner.parameters(), ...learner.state()]);
  const set = (owner: string, values: Record<string, Codes>, teacher: string) => {
    for (const [name, codes] of Object.entries(values)) {
      setFromCodes(all.get(ourName(`${owner}.${name}`))!, codes);
      const copy = all.get(ourName(`${teacher}.${name}`));
      if (copy) setFromCodes(copy, codes);
    }
  };
  set('net', golden('e2e_init').backbone, 'backbone_momentum');
  set('projection_head', heads.projection_head!, 'projection_head_momentum');
  for (const [name, codes] of Object.entries(heads.prediction_head ?? {})) {
    setFromCodes(all.get(`prediction.${name}`)!, codes);
  }
  // The fixture's banks are [dim, size], ours [size, dim].
  const setBank = (name: string, { data, shape }: GoldenTensor) =>
    all.get(name)?.assign(tf.transpose(tf.div(tf.tensor2d(data, shape as [number, number]), 4096)));
  setBank('bank.keys', golden('e2e_data').bank);
  setBank('auxiliaryBank.keys', golden('e2e_baselines').auxiliary_bank_of_cmsf);
}

/** The fixture's batch of a step, with the first `count` of its views. */
function batchOf(step: number, count: number): Batch {
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

/** The fixture's permutations from a place on, and the uniform numbers given. */
function drawsOf(permutation: number, uniform: number[]): StepDraws {
  const { permutations } = golden('e2e_data');
  let [shuffles, numbers] = [permutation, 0];
  return {
    permutation: () => Int32Array.from(permutations[shuffles++]),
    uniform: () => uniform[numbers++],
  };
}

/** The fixture's lambdas of a step of MNN. */
function lambdasOf(step: number): number[] {
  return golden('e2e_data').lambdas.slice(2 * step, 2 * step + 2);
}

/**
 * Compares sum, sum of squares and first values of a tensor in PyTorch's layout.
 * @param relative take the tolerance relative to the tensor's root mean square; else it is absolute up to 1.
 */
export async function expectSummary(
  value: Tensor,
  expected: Summary,
  tolerance: number,
  relative = false,
): Promise<void> {
  // A gradient of 0 has no size to compare with.
  const size = relative ? Math.sqrt(expected.sumsq / value.size) : 1;
  const unit = size > 1e-12 ? size : 1;
  const flat = tf.tidy(() => tf.div(tf.reshape(toPyTorch(value), [-1]), unit));
  const first = expected.first4.map((number) => number / unit);
  await expectClose(tf.slice(flat, 0, first.length), { shape: [first.length], data: first }, tolerance);
  // Each value may be off by the tolerance times the largest, and a sum over n values, which usually is off by the
  // root of n times as much as one, by that.
  const largest = Math.max(1, (await tf.max(tf.abs(flat)).data())[0]);
  const slack = tolerance * largest * Math.sqrt(flat.size);
  await expectClose(tf.sum(flat), { shape: [], data: [expected.sum / unit] }, slack);
  await expectClose(tf.sum(tf.square(flat)), { shape: [], data: [expected.sumsq / unit ** 2] }, slack);
}

/** What `expectSummary` compares a tensor with. */
export async function summaryOf(value: Tensor): Promise<Summary> {
  const data = [...(await toPyTorch(value).data())];
  return {
    sum: data.reduce((sum, x) => sum + x, 0),
    sumsq: data.reduce((sum, x) => sum + x * x, 0),
    first4: data.slice(0, 4),
  };
}

function toPyTorch(tensor: Tensor): Tensor {
  if (tensor.rank === 4) return tf.transpose(tensor, [3, 2, 0, 1]);
  return tensor.rank === 2 ? tf.transpose(tensor) : tensor;
}
