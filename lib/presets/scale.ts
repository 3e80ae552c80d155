import type { RunConfig } from '../config/run-config';
import { type DatasetFacts, datasetName, findRegistered } from '../data';

import { listMethods } from '../methods';
import type { RunRecord } from '../results';
import { isPaperDataset } from './paper-settings';
import { type PresetName, presetConfig, presetNames } from './presets';

/** Images that a run trained on and was tested on. */
export interface ImageCounts {
  trainImages: number;
  testImages: number;
}

/** The images of a run. */
export interface RunImages extends ImageCounts {
  /** Whether they are the published ones; left out where it is not known. */
  verified?: boolean;
}

/** What a run is measured against: the paper's settings for the same method, and the full dataset. */
export interface PaperScale {
  config: RunConfig;
  images: ImageCounts;
}

/**
 * Says whether a run is of the paper's scale, and if not, what differs. What a method does differently by
 * choice (mixing, top-K, views, the teacher's momentum) is an experiment, not a smaller scale; the memory's size is one.
 * @param paper null for a dataset that the paper does not use.
 */
export function describeScale(
  config: RunConfig,
  images: RunImages,
  paper: PaperScale | null,
): Pick<RunRecord, 'scale' | 'scaleReasons'> {
  // BYOL has the option, but without neighbors no memory; with neighbors it gets MNN's.
  const hasBank = config.options.topK !== 0;
  const scaleReasons =
    paper === null
      ? [`dataset ${config.dataset} is not one of the paper's`]
      : [
          ...(images.verified === false ? ['images not compared with published checksums'] : []),
          ...differences(
            scaleSettings(config, images, hasBank),
            scaleSettings(paper.config, paper.images, hasBank),
          ),
        ];
  return { scale: scaleReasons.length === 0 ? 'paper' : 'reduced', scaleReasons };
}

type Settings = Record<string, number | string | boolean>;

function scaleSettings(config: RunConfig, images: ImageCounts, hasBank: boolean): Settings {
  const { model, training, evaluation, options } = config;
  return {
    'training images': images.trainImages,
    'test images': images.testImages,
    width: model.width,
    'hidden width': model.hidden,
    'embedding length': model.dim,
    'max pooling': model.maxPool,
    'batch-norm splits': model.bnSplits,
    epochs: training.epochs,
    'batch size': training.batchSize,
    'learning rate': training.baseLr,
    'warm-up epochs': training.warmupEpochs,
    'SGD momentum': training.sgdMomentum,
    'weight decay': training.weightDecay,
    'crop size': training.cropSize,
    'memory size': hasBank ? (options.memoryBank ?? 'none') : 'none',
    'evaluation neighbors': evaluation.knnK,
    'neighbor temperature': evaluation.knnTemperature,
    'linear epochs': evaluation.linear.epochs,
    'linear batch size': evaluation.linear.batchSize,
    'linear learning rate': evaluation.linear.lr,
    'linear milestones': evaluation.linear.milestones.join('/'),
  };
}

function differences(run: Settings, paper: Settings): string[] {
  const different = Object.keys(run).filter((name) => run[name] !== paper[name]);
  return different.map((name) => `${name} ${run[name]} instead of ${paper[name]}`);
}

/** How many images a whole dataset has for pretraining and for tests. */
function wholeCounts({ train, unlabeled = 0, test }: DatasetFacts): ImageCounts {
  return { trainImages: train + unlabeled, testImages: test };
}

/**
 * What a run of a method on a dataset is measured against; null for a dataset that the paper does not use.
 * @param options the method's own settings where an experiment of the paper changes them, such as its memory.
 */
export function paperScale({
  method,
  dataset,
  options = {},
}: Pick<RunConfig, 'method' | 'dataset'> & { options?: RunConfig['options'] }): PaperScale | null {
  if (!isPaperDataset(dataset)) return null;
  return {
    config: presetConfig({ preset: 'paper', method, dataset, options }),
    images: wholeCounts(findRegistered(dataset)),
  };
}

/** What a run would be without settings of its own; null where its method or preset is not known here. */
export function presetOf({ preset, method, dataset }: RunConfig): RunConfig | null {
  const known =
    presetNames.includes(preset as PresetName) &&
    (preset !== 'paper' || isPaperDataset(dataset)) &&
    listMethods().some(({ name }) => name === method);
  return known ? presetConfig({ preset, method, dataset }) : null;
}

/**
 * Says "20 of 5000 training images" where a run has fewer images than its configuration and the dataset as it was
 * published give; undefined where it has them all, or the dataset is not one of the paper's.
 */
export function shortfall(
  { dataset, images }: Pick<RunConfig, 'dataset' | 'images'>,
  has: ImageCounts,
): string | undefined {
  if (!isPaperDataset(dataset)) return undefined;
  const all = findRegistered(dataset);
  const most = (count: number, asked = count) => Math.min(count, asked);
  const asked = images.perClass === undefined ? images.train : images.perClass * all.classes;
  const train = most(all.train, asked) + most(all.unlabeled ?? 0, images.unlabeled);
  const test = most(all.test, images.test);
  const parts = [
    ...(has.trainImages < train ? [`${has.trainImages} of ${train} training images`] : []),
    ...(has.testImages < test ? [`${has.testImages} of ${test} test images`] : []),
  ];
  return parts.length > 0 ? parts.join(' and ') : undefined;
}

/** A sentence for each way in which records fall short of their images. */
export function shortfallNotes(records: readonly RunRecord[]): string[] {
  const notes = records.flatMap(({ config, dataset }) => {
    const short = shortfall(config, dataset);
    return short ? [`Made on ${short} of ${datasetName(config.dataset)}.`] : [];
  });
  return [...new Set(notes)];
}
