import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Tensor1D } from '@tensorflow/tfjs-core';
import { ViewLoader } from '../augment';
import type { RunConfig } from '../config/run-config';
import { explainMemory, Interrupted, UserError } from '../core/errors';
import { interruptSignal } from '../core/interruption';
import { acquireRunLock, type RunLock } from '../core/lock';
import { permutation, randomStream } from '../core/random';
import {
  batchIndices,
  checkDataset,
  type Dataset,
  hasClasses,
  type PretrainingImages,
  pretrainingImages,
} from '../data';
import { currentEngine, tf } from '../engine';

import { type Batch, createLearner, type Learner, type StepDraws, viewsOf } from '../methods';
import { type NamedVariables, prefixed } from '../models';
import {
  type Checkpoint,
  checkSameRun,
  keptNames,
  loadCheckpoint,
  type Progress,
  removeUnfinished,
  restoreVariables,
  saveCheckpoint,
} from './checkpoint';
import { cosineSchedule } from './schedule';
import { Sgd } from './sgd';
import { trainStep } from './step';

/** One step, as it is told to whoever watches. */
export interface StepEvent {
  /** Steps taken of all `steps`, counted from 1. */
  step: number;
  steps: number;
  epoch: number;
  epochs: number;
  loss: number;
  purity: number | null;
  lr: number;
  /** Images per second over the last steps. */
  imagesPerSecond: number;
}

export type EpochEvent = Progress['curves'][number];

export interface PretrainOptions {
  /** Where checkpoints go; none are written without it. */
  folder?: string;
  /** The folder's lock, where the caller has it already. */
  lock?: RunLock;
  /** Keeps the checkpoint of every so many epochs, besides the last two and the best. */
  keepEvery?: number;
  /** Ends the run after the step at hand, with a checkpoint. In a notebook the interrupt does, unless given. */
  signal?: AbortSignal;
  /**
   * Evaluates the backbone after an epoch; top-1 accuracy in percent. Where it throws `Interrupted` the epoch is
   * saved, and evaluated when the run goes on.
   */
  evaluate?: (learner: Learner) => Promise<number>;
  /** Epochs after which to evaluate, instead of every `config.evaluation.knnEvery` and the last. */
  evaluateAt?: readonly number[];
  /** Ends after this epoch with a checkpoint from which the run can be resumed. The schedule is the whole run's. */
  untilEpoch?: number;
  onStep?: (event: StepEvent) => void;
  onEpoch?: (event: EpochEvent) => void;
  /** Told about what is not as expected, such as a damaged checkpoint. */
  warn?: (message: string) => void;
  /** Threads that make views. */
  workers?: number;
}

/** A run that is over: its networks and how it went. */
export interface Pretrained {
  learner: Learner;
  progress: Progress;
  /** Frees the networks, banks and the optimizer's state: a process that makes many runs needs it. */
  dispose(): void;
}

/** Seconds between checkpoints inside an epoch. */
const checkpointSeconds = 60;

/**
 * Trains a method's networks without labels. With a folder, the run is saved after every epoch and every
 * minute, and taken up again from there: the resumed run ends with the same bits as an unbroken one.
 * @throws UserError if the loss is no longer a number; the last good checkpoint is kept.
 * @throws RunLockedError if another process is at work on the run in this folder.
 * @throws Interrupted when `signal` ends it.
 */
export async function pretrain(
  config: RunConfig,
  dataset: Dataset,
  options: PretrainOptions = {},
): Promise<Pretrained> {
  const { folder, signal = interruptSignal() } = options;
  const ownLock = folder && !options.lock ? acquireRunLock(folder) : undefined;
  let run: PretrainRun | undefined;
  try {
    run = new PretrainRun(config, dataset, { ...options, signal, lock: options.lock ?? ownLock });
    await run.resume();
    await run.train();
  } catch (error) {
    run?.dispose();
    throw explainMemory(error);
  } finally {
    ownLock?.release();
  }
  const { learner, progress } = run;
  return { learner, progress, dispose: () => run.dispose() };
}

class PretrainRun {
  readonly learner: Learner;
  progress: Progress = {
    step: 0,
    lossSum: 0,
    puritySum: 0,
    epochSteps: 0,
    curves: [],
    epochSeconds: [],
    seconds: 0,
    resumed: 0,
    startedAt: new Date().toISOString(),
  };
  private readonly optimizer: Sgd;
  private readonly images: PretrainingImages;
  /** Without classes to tell apart, the purity of neighbors would be 1 and mean nothing. */
  private readonly hasClasses: boolean;
  private readonly stepsPerEpoch: number;
  /** The last epoch to train now, of the configuration's. */
  private readonly lastEpoch: number;
  private readonly rates: Float64Array;
  private savedAt = performance.now();
  private hasCheckpoint = false;

  constructor(
    private readonly config: RunConfig,
    private readonly dataset: Dataset,
    private readonly options: PretrainOptions,
  ) {
    const { batchSize, baseLr, epochs, warmupEpochs, sgdMomentum, weightDecay } = config.training;
    checkDataset(dataset);
    this.images = pretrainingImages(dataset);
    this.hasClasses = hasClasses(dataset);
    // With fewer images than a batch this throws, and says so.
    this.stepsPerEpoch = batchIndices(this.images.count, batchSize, config.seed, 0).length;
    this.lastEpoch = Math.min(options.untilEpoch ?? epochs, epochs);
    this.learner = createLearner(config);
    this.optimizer = new Sgd(this.learner.parameters(), { momentum: sgdMomentum, weightDecay });
    this.rates = cosineSchedule({
      baseLr: (baseLr * batchSize) / 256,
      epochs,
      iterationsPerEpoch: this.stepsPerEpoch,
      warmupEpochs,
    });
  }

  /** Everything a checkpoint holds. */
  private variables(): NamedVariables {
    const { learner, optimizer } = this;
    const buffers = prefixed([['sgd', optimizer.state()]]);
    return new Map([...learner.parameters(), ...learner.state(), ...buffers]);
  }

  dispose(): void {
    tf.dispose([...this.variables().values()]);
  }

  async resume(): Promise<void> {
    const { folder, keepEvery, warn = () => {} } = this.options;
    if (folder) removeUnfinished(folder);
    const checkpoint = folder ? loadCheckpoint(folder, warn) : undefined;
    if (!checkpoint) return;
    checkSameRun(checkpoint, this.config, this.dataset.checksum);
    restoreVariables(this.variables(), checkpoint);
    this.restoreCounters(checkpoint);
    this.hasCheckpoint = true;
    this.progress = { ...checkpoint.progress, resumed: checkpoint.progress.resumed + 1 };
    const { name } = currentEngine();
    if (checkpoint.engine !== name) {
      warn(`The run began on engine ${checkpoint.engine} and goes on on ${name}: its bits will differ.`);
    }
    // Where the writer died before it had kept them; `best` may be there from an epoch before.
    const isKept = (kept: string) => existsSync(join(folder!, kept));
    if (checkpoint.arriving || !keptNames(this.progress, keepEvery).every(isKept)) await this.save();
  }

  private restoreCounters({ counters }: Checkpoint): void {
    for (const [name, counter] of Object.entries(this.learner.counters()))
      counter.pointer = counters[name] ?? 0;
  }

  async save(): Promise<void> {
    const { folder, lock, keepEvery } = this.options;
    if (!folder) return;
    lock?.assertHeld();
    const counters = Object.fromEntries(
      Object.entries(this.learner.counters()).map(([name, { pointer }]) => [name, pointer]),
    );
    const header = {
      config: this.config,
      datasetChecksum: this.dataset.checksum,
      engine: currentEngine().name,
      counters,
      progress: this.progress,
    };
    await saveCheckpoint(folder, this.variables(), header, keptNames(this.progress, keepEvery));
    this.savedAt = performance.now();
    this.hasCheckpoint = true;
  }

  async train(): Promise<void> {
    const { training } = this.config;
    const steps = this.lastEpoch * this.stepsPerEpoch;
    if (this.isUnevaluated()) await this.evaluateEpoch();
    if (this.progress.step >= steps) return;
    const { normalization } = this.dataset;
    const { workers } = this.options;
    const { sets } = this.images;
    const loader = new ViewLoader(sets, viewsOf(this.config), training.cropSize, normalization, { workers });
    let last = performance.now();
    let speed = 0;
    try {
      for await (const { indices, views } of loader.batches(this.requests())) {
        const report = await this.step(indices, views);
        loader.release(views);
        const now = performance.now();
        this.progress.seconds += (now - last) / 1000;
        const latest = (1000 * indices.length) / (now - last);
        speed = speed === 0 ? latest : 0.9 * speed + 0.1 * latest;
        last = now;
        this.report(report, steps, speed);
        if (this.progress.epochSteps === this.stepsPerEpoch) {
          await this.endEpoch(report.purity !== null);
          last = performance.now();
        } else if (now - this.savedAt > 1000 * checkpointSeconds) await this.save();
        // Only between turns of the event loop can the process answer a signal.
        await new Promise(setImmediate);
        await this.throwIfStopped();
      }
    } finally {
      await loader.close();
    }
  }

  /** What is left to do, from the step that the run stands at. */
  private *requests(): Generator<{ indices: Int32Array; seed: number; epoch: number; purpose: 'augment' }> {
    const { seed, training } = this.config;
    const start = this.progress.step;
    for (let epoch = Math.floor(start / this.stepsPerEpoch); epoch < this.lastEpoch; epoch++) {
      const batches = batchIndices(this.images.count, training.batchSize, seed, epoch);
      const done = Math.max(0, start - epoch * this.stepsPerEpoch);
      for (const indices of batches.slice(done)) yield { indices, seed, epoch, purpose: 'augment' };
    }
  }

  private async step(
    indices: Int32Array,
    views: Float32Array[],
  ): Promise<{ loss: number; purity: number | null }> {
    const { progress, learner, config } = this;
    const batch = makeBatch(indices, views, config.training.cropSize, this.images.labels);
    const draws = stepDraws(config.seed, progress.step);
    const { loss, ...report } = await trainStep(
      learner,
      this.optimizer,
      batch,
      draws,
      this.rates[progress.step],
    );
    tf.dispose([...batch.views, batch.labels]);
    if (!Number.isFinite(loss)) throw this.badLoss(loss);
    const purity = this.hasClasses ? report.purity : null;
    progress.step += 1;
    progress.epochSteps += 1;
    progress.lossSum += loss;
    progress.puritySum += purity ?? 0;
    return { loss, purity };
  }

  private badLoss(loss: number): UserError {
    const { folder } = this.options;
    const kept = this.hasCheckpoint ? ` The last good checkpoint is kept in ${folder}.` : '';
    return new UserError(
      `The loss became ${loss} in step ${this.progress.step + 1}: training stopped.${kept} ` +
        'Try a smaller --lr, or a larger batch.',
    );
  }

  private report(
    { loss, purity }: { loss: number; purity: number | null },
    steps: number,
    speed: number,
  ): void {
    const { step } = this.progress;
    this.options.onStep?.({
      step,
      steps,
      epoch: Math.ceil(step / this.stepsPerEpoch),
      epochs: this.lastEpoch,
      loss,
      purity,
      lr: this.rates[step - 1],
      imagesPerSecond: speed,
    });
  }

  private async endEpoch(hasPurity: boolean): Promise<void> {
    const { progress } = this;
    progress.curves.push({
      epoch: progress.curves.length + 1,
      step: progress.step,
      lr: this.rates[progress.step - 1],
      loss: progress.lossSum / progress.epochSteps,
      purity: hasPurity ? progress.puritySum / progress.epochSteps : null,
      knnTop1: null,
    });
    progress.epochSeconds.push(progress.seconds);
    Object.assign(progress, { lossSum: 0, puritySum: 0, epochSteps: 0, seconds: 0 });
    await this.evaluateEpoch();
  }

  /** Whether the run stands at the end of an epoch, the evaluation of which was stopped. */
  private isUnevaluated(): boolean {
    const last = this.progress.curves.at(-1);
    const stands = last !== undefined && this.progress.epochSteps === 0;
    return stands && last.knnTop1 === null && this.isDue(last.epoch);
  }

  private isDue(epoch: number): boolean {
    const { evaluation, training } = this.config;
    const { evaluate, evaluateAt } = this.options;
    if (!evaluate) return false;
    if (evaluateAt) return evaluateAt.includes(epoch);
    return epoch % evaluation.knnEvery === 0 || epoch === training.epochs;
  }

  private async evaluateEpoch(): Promise<void> {
    const { evaluate, onEpoch } = this.options;
    const point = this.progress.curves.at(-1)!;
    try {
      if (evaluate && this.isDue(point.epoch)) point.knnTop1 = await evaluate(this.learner);
    } catch (error) {
      if (error instanceof Interrupted) await this.save();
      throw error;
    }
    await this.save();
    onEpoch?.(point);
  }

  private async throwIfStopped(): Promise<void> {
    const { signal, folder } = this.options;
    const done = this.progress.step === this.lastEpoch * this.stepsPerEpoch;
    if (!signal?.aborted || done) return;
    await this.save();
    const saved = folder
      ? ` Its state is in ${folder}; the same command, without --restart, goes on from there.`
      : '';
    throw new Interrupted(`The run was stopped after step ${this.progress.step}.${saved}`, {
      saved: folder !== undefined,
      signal,
    });
  }
}

function makeBatch(indices: Int32Array, views: Float32Array[], size: number, labels: Int32Array): Batch {
  return {
    views: views.map((view) => tf.tensor4d(view, [indices.length, size, size, 3])),
    labels: tf.tensor1d(
      Int32Array.from(indices, (index) => labels[index]),
      'int32',
    ) as Tensor1D,
  };
}

/** The random numbers of a step, from its number alone: nothing about them needs to be saved. */
export function stepDraws(seed: number, step: number): StepDraws {
  const shuffles = randomStream(seed, 'shuffle', step);
  const numbers = randomStream(seed, 'lambda', step);
  return {
    permutation: (length) => permutation(shuffles, length),
    uniform: () => numbers.uniform(),
  };
}
