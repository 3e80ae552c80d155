import type { RunConfig } from '../config/run-config';
import type { RunRecord } from '../results';

/** Pictures that a run trained on and was tested on. */
export interface ImageCounts {
  trainImages: number;
  testImages: number;
}

/** The pictures of a run. */
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
  // BYOL has the option, but without neighbours no memory; with neighbours it gets MNN's.
  const hasBank = config.options.topK !== 0;
  const scaleReasons =
    paper === null
      ? [`dataset ${config.dataset} is not one of the paper's`]
      : [
          ...(images.verified === false ? ['pictures not compared with published checksums'] : []),
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
    'evaluation neighbours': evaluation.knnK,
    'neighbour temperature': evaluation.knnTemperature,
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
