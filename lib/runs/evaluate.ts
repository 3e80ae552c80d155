import { parseRunConfig, type RunConfig } from '../config/run-config';
import { explainMemory } from '../core/errors';
import { Stopwatch } from '../core/stopwatch';
import { canonicalName, checkEvaluated, type Dataset, knownDataset, type Normalization } from '../data';
import { engineFacts } from '../engine';
import {
  checkNeighbors,
  type LinearEpoch,
  linearEvaluation,
  linearMetrics,
  nearestNeighborAccuracy,
  type RawPixelPart,
  rawPixelBaselines,
} from '../evaluation';
import { backboneChecksum, countParameters, networkOf, type TracedBackbone } from '../interchange';
import { chosenImages, type PresetOptions, presetConfig } from '../presets';
import { collectProvenance, type EvaluationRecord, evaluationId } from '../results';
import { folderFacts } from './dataset';
import type { FoundNetwork } from './networks';

/** The part of a run's configuration that an evaluation depends on. */
export type EvaluationConfig = Pick<RunConfig, 'dataset' | 'images' | 'seed' | 'training' | 'evaluation'> & {
  /** What the network was trained with, if that is not the dataset's own here. */
  normalization?: Normalization;
};

export interface EvaluationSettings {
  /** Default: the run's own; an imported network has none. */
  dataset?: string;
  /** Default: the run's own settings on its own dataset, else the paper's, or `small` on a folder of images. */
  preset?: string;
  seed?: number;
  override?: PresetOptions['override'];
}

/** How a network is evaluated. @throws UserError for unknown names and settings that do not fit. */
export function evaluationConfig(
  { config }: Pick<FoundNetwork, 'config'>,
  { dataset: given = config?.dataset ?? 'cifar10', preset, seed, override = {} }: EvaluationSettings,
): EvaluationConfig {
  const dataset = canonicalName(given);
  if (!config || dataset !== config.dataset || preset !== undefined) {
    const own = knownDataset(dataset)?.isFolder ? 'small' : 'paper';
    const settings = { preset: preset ?? own, dataset, seed: seed ?? config?.seed, override };
    return presetConfig({ ...settings, method: 'untrained' });
  }
  const { images, evaluation } = config;
  return parseRunConfig({
    ...config,
    seed: seed ?? config.seed,
    images: chosenImages(dataset, images, override.images),
    evaluation: {
      ...evaluation,
      ...override.evaluation,
      linear: { ...evaluation.linear, ...override.evaluation?.linear },
    },
  });
}

/** Who is told about an evaluation; what they throw ends it. */
export interface EvaluationWatcher {
  /** Told how many images are to go through the network, before the first does. */
  onStart?: (part: 'nearest neighbors' | 'linear', images: number) => void;
  /** Told how many have gone since it was told last. */
  onImages?: (count: number) => void;
  onLinearEpoch?: (epoch: LinearEpoch, epochs: number) => void;
  /** Called with how much of each raw-pixel baseline, the last part, is done. */
  onRawPixels?: (done: number, total: number, part: RawPixelPart) => void;
}

/**
 * Nearest-neighbor and linear evaluation of a backbone, without any training of it.
 * @param network from `findNetwork` or `importBackbone`.
 * @throws UserError if more neighbors are to vote than there are training images, or the memory is too small.
 */
export async function evaluateNetwork(
  network: TracedBackbone,
  images: Dataset,
  { seed, training, evaluation, normalization }: EvaluationConfig,
  { onStart, onImages, onLinearEpoch, onRawPixels }: EvaluationWatcher = {},
): Promise<EvaluationRecord> {
  const startedAt = new Date();
  const dataset = normalization ? { ...images, normalization } : images;
  const { train, test } = dataset;
  checkEvaluated(dataset);
  checkNeighbors(evaluation.knnK, train.count);
  const neighbors = { k: evaluation.knnK, temperature: evaluation.knnTemperature };
  const { backbone, dispose } = networkOf(network);
  try {
    onStart?.('nearest neighbors', train.count + test.count);
    const knn = new Stopwatch();
    const knnTop1 = await knn.time(() => nearestNeighborAccuracy(backbone, dataset, neighbors, onImages));
    const { epochs } = evaluation.linear;
    onStart?.('linear', epochs === 0 ? 0 : test.count + train.count * epochs);
    const ofLinear = new Stopwatch();
    const linear = await ofLinear.time(() =>
      linearEvaluation(
        backbone,
        dataset,
        { seed, training, evaluation },
        { onEpoch: onLinearEpoch, onImages },
      ),
    );
    const rawPixels = await rawPixelBaselines(dataset, neighbors, {
      linear: linear.length > 0,
      onPart: onRawPixels,
    });
    return {
      ...describe(network, dataset, { seed, training, evaluation, normalization }),
      metrics: { knnTop1, ...linearMetrics(linear), ...rawPixels },
      linearCurve: linear,
      provenance: collectProvenance({ engine: engineFacts(), startedAt, finishedAt: new Date(), resumed: 0 }),
      timing: { knnSeconds: knn.seconds, linearSeconds: ofLinear.seconds },
    };
  } catch (error) {
    throw explainMemory(error);
  } finally {
    dispose();
  }
}

/** What was evaluated, and how: everything that the results depend on. */
function describe(
  network: TracedBackbone,
  dataset: Dataset,
  { seed, training, evaluation, normalization }: Omit<EvaluationConfig, 'dataset' | 'images'>,
): Pick<EvaluationRecord, 'schemaVersion' | 'kind' | 'id' | 'network' | 'settings' | 'dataset'> {
  const { model, tensors, origin } = network;
  const { name, checksum, train, test, classes, drawnFrom } = dataset;
  const { knnEvery: _knnEvery, ...settings } = evaluation;
  const facts = {
    network: { ...model, parameters: countParameters(network), sha256: backboneChecksum(tensors), origin },
    settings: {
      seed,
      cropSize: training.cropSize,
      ...(normalization && { normalization: { mean: [...normalization.mean], std: [...normalization.std] } }),
      evaluation: settings,
    },
    dataset: {
      name,
      checksum,
      trainImages: train.count,
      testImages: test.count,
      classes: classes.length,
      ...(drawnFrom && { drawnFrom }),
      ...folderFacts(dataset),
    },
  };
  return { schemaVersion: 1, kind: 'evaluation', id: evaluationId(facts), ...facts };
}
