import { parseRunConfig, type RunConfig } from '../config/run-config';
import { UserError, unknownName } from '../core/errors';
import { canonicalName, type Dataset, knownDataset } from '../data';
import { comparedMethods, methodOptions } from '../methods';
import { chosenImages, hasUnlabeled, type ImageChoice } from './images';
import { isPaperDataset, paperDatasets, paperDim, paperSettings } from './paper-settings';

/** Named settings, from a minute on a laptop to the paper's own. */
export const presetNames = ['quick', 'small', 'paper'] as const;
export type PresetName = (typeof presetNames)[number];

export interface PresetOptions {
  preset: string;
  method: string;
  dataset: string;
  /** Default 1339, the first of the paper's three. */
  seed?: number;
  /** The method's own settings where they are not the preset's. */
  options?: Record<string, unknown>;
  /** Settings where they are not the preset's, part by part. */
  override?: {
    images?: ImageChoice;
    model?: Partial<RunConfig['model']>;
    training?: Partial<RunConfig['training']>;
    evaluation?: Partial<Omit<RunConfig['evaluation'], 'linear'>> & {
      linear?: Partial<RunConfig['evaluation']['linear']>;
    };
  };
}

type Settings = Pick<RunConfig, 'images' | 'model' | 'training' | 'evaluation'> & {
  /** Options, for the compared methods that have them, where they are not the paper's. */
  shared: { teacherMomentum?: number; memoryBank?: number };
  /** What a method needs to learn at this scale, by method, if it is not what the others have. */
  own?: Record<string, { baseLr?: number; options?: RunConfig['options'] }>;
};

/** The paper's seeds. */
export const paperSeeds = [1339, 1340, 1341] as const;

/** The paper's settings: section 4 and the authors' scripts. */
function paper(dataset: string, size?: number): Settings {
  const cropSize = cropOf(dataset, size);
  return {
    images: { ...(knownDataset(dataset)?.isFolder && { size: cropSize }) },
    model: { width: 64, maxPool: cropSize > 32, bnSplits: 8, hidden: 2048, dim: paperDim },
    training: {
      epochs: 200,
      batchSize: 256,
      baseLr: 0.06,
      warmupEpochs: 5,
      sgdMomentum: 0.9,
      weightDecay: 5e-4,
      cropSize,
    },
    evaluation: {
      knnK: 200,
      knnTemperature: 0.1,
      knnEvery: 1,
      linear: { epochs: 100, batchSize: 256, lr: 30, milestones: [60, 80] },
    },
    shared: {},
  };
}

/** Height and width of the views that pretraining makes of a dataset: the paper's, or the images' own. */
export function pretrainCrop({ name, imageSize }: Pick<Dataset, 'name' | 'imageSize'>): number {
  return knownDataset(name)?.cropSize ?? imageSize;
}

/** The same before it is read; 32 for a dataset of which nothing is known, and of any that is drawn. */
function cropOf(dataset: string, size?: number): number {
  const known = knownDataset(dataset);
  if (!known || known.drawn) return 32;
  if (known.isFolder) return size ?? known.imageSize;
  return known.cropSize ?? known.imageSize;
}

/** Under an hour a run on a laptop; tells methods apart, and claims none of the paper's numbers. */
function small(dataset: string, size?: number): Settings {
  const full = paper(dataset, size);
  const drawn = knownDataset(dataset)?.drawn;
  return {
    images: {
      ...full.images,
      ...fewImages(dataset, 5000),
      test: 1000,
      ...(drawn && { size: drawn.sizes[1] }),
    },
    model: { ...full.model, width: 16, hidden: 512, dim: 128 },
    training: { ...full.training, epochs: 20, batchSize: 128, warmupEpochs: 2 },
    evaluation: {
      ...full.evaluation,
      knnK: 20,
      linear: { epochs: 20, batchSize: 128, lr: 10, milestones: [12, 16] },
    },
    shared: { teacherMomentum: 0.99, memoryBank: 1024 },
  };
}

/**
 * About a minute a run on two cores, on the built-in dataset: to see that everything works and learns. There are
 * hundreds of steps and not 39,000, so the learning rate is many times the paper's. docs/presets.md has the trials.
 */
function quick(dataset: string, size?: number): Settings {
  const few = small(dataset, size);
  const known = knownDataset(dataset);
  const drawnSize = known?.drawn && known.imageSize;
  return {
    images: { ...few.images, ...fewImages(dataset, 2048), test: 512, ...(drawnSize && { size: drawnSize }) },
    model: { ...few.model, width: 8, bnSplits: 2, hidden: 128, dim: 64 },
    training: {
      ...few.training,
      epochs: 6,
      batchSize: 32,
      baseLr: 2,
      warmupEpochs: 1,
      cropSize: drawnSize ?? few.training.cropSize,
    },
    evaluation: {
      ...few.evaluation,
      linear: { epochs: 10, batchSize: 64, lr: 1, milestones: [6, 8] },
    },
    shared: { teacherMomentum: 0.99, memoryBank: 512 },
    own: {
      'moco-v2': { baseLr: 4 },
      nnclr: { baseLr: 4 },
      // Before training all cosines are near 1: at the published temperatures both distributions stay uniform.
      ressl: { options: { teacherTemperature: 0.005, studentTemperature: 0.015 } },
      'un-mix': { baseLr: 4 },
    },
  };
}

/** So many images to pretrain on; most are without labels where the dataset has such, as in the paper. */
function fewImages(dataset: string, count: number): RunConfig['images'] {
  if (!hasUnlabeled(dataset)) return { train: count };
  const train = Math.floor(count / 4);
  return { train, unlabeled: count - train };
}

const presets: Record<PresetName, (dataset: string, size?: number) => Settings> = { quick, small, paper };

/**
 * The whole configuration of a run from a preset's name, with whatever is to be different. A method that is not in
 * the paper's comparison keeps its own defaults for every option, whatever the option is called.
 * @throws UserError for an unknown name, an option the method does not have, or settings that do not fit.
 */
export function presetConfig({
  preset,
  method,
  dataset: given,
  seed,
  options,
  override = {},
}: PresetOptions): RunConfig {
  const dataset = canonicalName(given);
  if (!presetNames.includes(preset as PresetName)) throw unknownName('preset', preset, presetNames);
  if (preset === 'paper' && !isPaperDataset(dataset)) {
    throw new UserError(
      `The paper does not use ${dataset}: preset 'paper' is for ${paperDatasets.join(', ')}. ` +
        `Take preset 'small' or 'quick'.`,
    );
  }
  const { shared, own, ...settings } = presets[preset as PresetName](dataset, override.images?.size);
  const { baseLr = settings.training.baseLr, options: ownOptions } = own?.[method] ?? {};
  const linear = { ...settings.evaluation.linear, ...override.evaluation?.linear };
  const published = paperSettings(method, isPaperDataset(dataset) ? dataset : 'cifar10');
  const known = Object.fromEntries(
    Object.entries(shared).filter(([name]) => comparedMethods.includes(method) && name in published.options),
  );
  return parseRunConfig({
    method,
    options: methodOptions(method, { ...published.options, ...known, ...ownOptions, ...options }),
    dataset,
    preset,
    seed: seed ?? paperSeeds[0],
    images: chosenImages(dataset, settings.images, override.images),
    model: {
      ...settings.model,
      // SCE's embeddings are twice as long as the others' at every scale.
      dim: (settings.model.dim * published.dim) / paperDim,
      ...override.model,
    },
    training: {
      ...settings.training,
      baseLr,
      ...(method === 'untrained' && { epochs: 0 }),
      ...override.training,
    },
    evaluation: { ...settings.evaluation, ...override.evaluation, linear },
  });
}
