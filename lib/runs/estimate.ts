import { isDeepStrictEqual } from 'node:util';
import type { RunConfig } from '../config/run-config';
import { summarize } from '../core/statistics';
import { allocatePixels, type Dataset, findRegistered, knownDataset } from '../data';
import { currentEngine } from '../engine';
import { extractFeatures } from '../evaluation';
import { machineOf, type RunRecord, recordId } from '../results';
import { pretrain } from '../training';

/** How long a run will take, and how that is known. */
export interface RunEstimate {
  seconds: number;
  /**
   * `recorded`: a record of the same work on this machine and engine; `measured`: a few steps just now;
   * `assumed`: as long a step as the mean of the measured ones of the same network.
   */
  basis: 'recorded' | 'measured' | 'assumed';
}

export interface EstimateOptions {
  /** Where times can be taken from. */
  records: readonly RunRecord[];
  /** Threads that make views. */
  workers?: number;
  /** Seconds after which no further kind of run is measured. Default 60; every network is measured once. */
  budget?: number;
  onMeasure?: (config: RunConfig) => void;
}

/** How long each of the runs will take on the engine that runs, by the name of its record. */
export async function estimateRuns(
  configs: readonly RunConfig[],
  { records, workers, budget = 60, onMeasure }: EstimateOptions,
): Promise<Map<string, RunEstimate>> {
  const recorded = recordedSeconds(records);
  const unknown = configs.filter((config) => !recorded.has(workOf(config)));
  const measured = new Map<string, { network: string; times: PartTimes }>();
  const start = performance.now();
  for (const config of networksFirst(unknown)) {
    const network = networkOf(config);
    const isNew = ![...measured.values()].some((known) => known.network === network);
    if (measured.has(stepOf(config)) || (!isNew && performance.now() - start > 1000 * budget)) continue;
    onMeasure?.(config);
    measured.set(stepOf(config), { network, times: await measureRun(config, workers) });
  }
  return new Map(
    configs.map((config): [string, RunEstimate] => {
      const seconds = recorded.get(workOf(config));
      if (seconds !== undefined) return [recordId(config), { seconds, basis: 'recorded' }];
      const own = measured.get(stepOf(config))?.times;
      const alike = [...measured.values()].filter(({ network }) => network === networkOf(config));
      const times = own ?? meanTimes(alike.map(({ times: known }) => known));
      return [recordId(config), { seconds: runSeconds(config, times), basis: own ? 'measured' : 'assumed' }];
    }),
  );
}

/** Mean seconds of each kind of work, of the records of this machine and engine. */
function recordedSeconds(records: readonly RunRecord[]): Map<string, number> {
  const { name, threads } = currentEngine();
  const here = { ...machineOf(), engine: name, threads };
  const times = new Map<string, number[]>();
  for (const { config, provenance, timing } of records) {
    const { cpu, gpu, engine } = provenance;
    if (!isDeepStrictEqual({ cpu, gpu, engine: engine.name, threads: engine.threads }, here)) continue;
    const work = workOf(config);
    times.set(work, [...(times.get(work) ?? []), timing.totalSeconds]);
  }
  return new Map([...times].map(([work, seconds]) => [work, summarize(seconds).mean]));
}

/** The first run of each network before all others, so that none is left without a measurement. */
function networksFirst(configs: readonly RunConfig[]): RunConfig[] {
  const first = [...new Map([...configs].reverse().map((config) => [networkOf(config), config])).values()];
  return [...first, ...configs.filter((config) => !first.includes(config))];
}

/** What a step's time depends on most. */
function networkOf({ model, training }: RunConfig): string {
  const { epochs, batchSize, cropSize } = training;
  return JSON.stringify([model.width, model.maxPool, batchSize, cropSize, epochs === 0]);
}

/** What else it depends on: the method, its views, and whether it searches neighbors. */
function stepOf(config: RunConfig): string {
  const { views = null, topK = null } = config.options;
  return JSON.stringify([networkOf(config), config.method, views, topK === 0]);
}

/** All that a run's time depends on. */
function workOf(config: RunConfig): string {
  const { dataset, images, training, evaluation } = config;
  return JSON.stringify([stepOf(config), dataset, images, training.epochs, evaluation]);
}

function meanTimes(times: PartTimes[]): PartTimes {
  return {
    step: summarize(times.map(({ step }) => step)).mean,
    image: summarize(times.map(({ image }) => image)).mean,
  };
}

/** What a run's parts take on the engine that runs, in seconds. */
export interface PartTimes {
  /** One training step; 0 for a method that does not train. */
  step: number;
  /** One image through the network in an evaluation. */
  image: number;
}

/** Training steps that are measured, after one that pays for warming up; the fastest counts. */
const measuredSteps = 2;
const measuredImages = 64;

/**
 * Trains a few steps of a run, on noise of the size of its images: its dataset need not be there.
 * @param workers threads that make views.
 */
export async function measureRun(config: RunConfig, workers?: number): Promise<PartTimes> {
  const { training } = config;
  // One batch is one epoch.
  const dataset = noise(expectedImages(config).size, training.batchSize, measuredImages);
  const epochs = training.epochs === 0 ? 0 : measuredSteps + 1;
  const ends: number[] = [];
  const { learner, dispose } = await pretrain(
    { ...config, training: { ...training, epochs, warmupEpochs: Math.min(epochs, 1) } },
    dataset,
    { workers, onStep: () => ends.push(performance.now()) },
  );
  const steps = ends.slice(1).map((end, i) => end - ends[i]);
  const evaluations: number[] = [];
  for (let round = 0; round < 2; round++) {
    const start = performance.now();
    const features = await extractFeatures(learner.backbone, dataset.test, dataset.normalization);
    await features.data();
    features.dispose();
    evaluations.push(performance.now() - start);
  }
  dispose();
  return {
    step: epochs === 0 ? 0 : Math.min(...steps) / 1000,
    image: Math.min(...evaluations) / 1000 / measuredImages,
  };
}

/** Seconds of a whole run from its parts: pretraining, nearest-neighbor evaluations and linear evaluation. */
export function runSeconds(config: RunConfig, { step, image }: PartTimes): number {
  const { training, evaluation } = config;
  const { trainImages, labeledImages, testImages } = expectedImages(config);
  const steps = training.epochs * Math.floor(trainImages / training.batchSize);
  const monitored = Math.max(1, Math.ceil(training.epochs / evaluation.knnEvery));
  const linear = evaluation.linear.epochs > 0 ? evaluation.linear.epochs * labeledImages + testImages : 0;
  return steps * step + (monitored * (labeledImages + testImages) + linear) * image;
}

/** How many images a run will have, and of which size. */
export interface ExpectedImages {
  /** Those of the pretraining, with and without a label. */
  trainImages: number;
  /** Training images with a label, which evaluations learn from. */
  labeledImages: number;
  testImages: number;
  size: number;
}

/** How many images a run will have, and of which size; of a dataset that is not known, as if it were CIFAR-10. */
export function expectedImages({ dataset, images }: RunConfig): ExpectedImages {
  const whole = knownDataset(dataset) ?? findRegistered('cifar10');
  const most = (all: number, asked = all) => (whole.drawn ? asked : Math.min(asked, all));
  const asked = images.perClass === undefined ? images.train : images.perClass * whole.classes;
  const labeledImages = most(whole.train, asked);
  return {
    trainImages: labeledImages + most(whole.unlabeled ?? 0, images.unlabeled),
    testImages: most(whole.test, images.test),
    labeledImages,
    size: images.size ?? whole.imageSize,
  };
}

function noise(size: number, train: number, test: number): Dataset {
  const images = (count: number) => {
    const pixels = allocatePixels(count, size);
    // The same noise every time; multiplied by a large odd number, neighbors have nothing in common.
    for (let i = 0; i < pixels.length; i++) pixels[i] = Math.imul(i, 2654435761) >>> 24;
    return { count, size, pixels, labels: new Int32Array(count) };
  };
  return {
    name: 'noise',
    classes: ['noise'],
    imageSize: size,
    train: images(train),
    test: images(test),
    normalization: { mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] },
    checksum: `noise-${size}-${train}-${test}`,
  };
}
