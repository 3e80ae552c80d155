import type { RunConfig } from '../config/run-config';
import { allocatePixels, type Dataset, shapes10Defaults } from '../data';
import { extractFeatures } from '../evaluation';
import { isPaperDataset, type PaperImages, paperImages } from '../presets';
import { pretrain } from '../training';

/** What a run's parts take on the engine that runs, in seconds. */
export interface PartTimes {
  /** One training step; 0 for a method that does not train. */
  step: number;
  /** One picture through the network in an evaluation. */
  picture: number;
}

/** Training steps that are measured, after one that pays for warming up; the fastest counts. */
const measuredSteps = 2;
const measuredPictures = 64;

/**
 * Trains a few steps of a run, on noise of the size of its pictures: its dataset need not be there.
 * @param workers threads that make views.
 */
export async function measureRun(config: RunConfig, workers?: number): Promise<PartTimes> {
  const { training } = config;
  // One batch is one epoch.
  const dataset = noise(expectedImages(config).size, training.batchSize, measuredPictures);
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
    picture: Math.min(...evaluations) / 1000 / measuredPictures,
  };
}

/** Seconds of a whole run from its parts: pretraining, nearest-neighbour evaluations and linear evaluation. */
export function runSeconds(config: RunConfig, { step, picture }: PartTimes): number {
  const { training, evaluation } = config;
  const { trainImages, labelledImages, testImages } = expectedImages(config);
  const steps = training.epochs * Math.floor(trainImages / training.batchSize);
  const monitored = Math.max(1, Math.ceil(training.epochs / evaluation.knnEvery));
  const linear = evaluation.linear.epochs > 0 ? evaluation.linear.epochs * labelledImages + testImages : 0;
  return steps * step + (monitored * (labelledImages + testImages) + linear) * picture;
}

/** How many pictures a run will have, and of which size; a dataset that is not the paper's is taken for CIFAR-10. */
export function expectedImages({ dataset, images }: RunConfig): PaperImages {
  const { train, perClass, test, unlabeled, size } =
    dataset === 'shapes10' ? { ...shapes10Defaults, ...images } : images;
  const whole = paperImages[isPaperDataset(dataset) ? dataset : 'cifar10'];
  const labelled = perClass === undefined ? train : perClass * whole.classes;
  const labelledImages = Math.min(labelled ?? whole.labelledImages, whole.labelledImages);
  const unlabelled = whole.trainImages - whole.labelledImages;
  return {
    trainImages: labelledImages + Math.min(unlabeled ?? unlabelled, unlabelled),
    testImages: Math.min(test ?? whole.testImages, whole.testImages),
    labelledImages,
    size: size ?? whole.size,
    classes: whole.classes,
  };
}

function noise(size: number, train: number, test: number): Dataset {
  const images = (count: number) => {
    const pixels = allocatePixels(count, size);
    // The same noise every time; multiplied by a large odd number, neighbours have nothing in common.
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
