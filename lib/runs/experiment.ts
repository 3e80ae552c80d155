import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { RunConfig } from '../config/run-config';
import { explainMemory, Interrupted } from '../core/errors';
import { checkWritable } from '../core/files';
import { interruptSignal } from '../core/interruption';
import { acquireRunLock, isRunLock } from '../core/lock';
import { runsFolder as defaultRunsFolder } from '../core/paths';
import { Stopwatch } from '../core/stopwatch';
import { checkDataset, type Dataset, hasClasses, whyNotEvaluated } from '../data';
import { engineFacts } from '../engine';
import {
  accuracyOf,
  checkNeighbors,
  type LinearEpoch,
  linearEvaluation,
  linearMetrics,
  nearestNeighborPredictions,
  predictedClasses,
  type RawPixelBaselines,
  type RawPixelPart,
  rawPixelBaselines,
} from '../evaluation';
import type { Learner } from '../methods';
import { describeScale, paperScale } from '../presets';
import {
  collectProvenance,
  defaultRecordsFolder,
  loadRecord,
  packPredictions,
  type RunRecord,
  recordId,
  refuseOtherImages,
  saveRecord,
} from '../results';
import { type Pretrained, type PretrainOptions, pretrain } from '../training';
import { checkFits, folderFacts } from './dataset';
import { type LogPlaces, loggedWatcher } from './logs';

export interface ExperimentOptions
  extends Omit<PretrainOptions, 'folder' | 'lock' | 'evaluate' | 'evaluateAt' | 'untilEpoch'>,
    LogPlaces {
  /** Where runs keep their checkpoints. Default: `runs` in the project; null keeps none. */
  runsFolder?: string | null;
  /** Where the record goes. Default: `results/records` in the project; null writes none. */
  recordsFolder?: string | null;
  /** Forget checkpoints and the record of the same run and start over. */
  restart?: boolean;
  /** Where somebody has made the record before the run was ours, take that and run nothing. */
  unlessRecorded?: boolean;
  onLinearEpoch?: (epoch: LinearEpoch, epochs: number) => void;
  /** Called with how much of each raw-pixel baseline, the last part of the evaluation, is done. */
  onRawPixels?: (done: number, total: number, part: RawPixelPart) => void;
}

/** Where the checkpoints of a configuration are kept. */
export function runFolder(config: RunConfig, runsFolder: string = defaultRunsFolder): string {
  return join(runsFolder, recordId(config));
}

/**
 * One run from beginning to end: pretraining, or what is left of it, nearest-neighbor and linear evaluation,
 * and the record of it all. What needs labels is left out, with a warning, if the dataset has none.
 * @throws UserError before any training if the dataset is not the configuration's, a label is not that of a class, a folder cannot be written, more neighbors
 *   are to vote than there are labeled training images, or there is a record of the same run on other images.
 * @throws RunLockedError if another process is at work on the same run.
 * @throws Interrupted when `signal` ends it.
 */
export async function runExperiment(
  config: RunConfig,
  dataset: Dataset,
  options: ExperimentOptions = {},
): Promise<RunRecord> {
  const { runsFolder = defaultRunsFolder, recordsFolder = defaultRecordsFolder(), restart } = options;
  return holdingRun(config, dataset, { runsFolder, recordsFolder }, async ({ folder, lock }) => {
    const made = recordsFolder === null ? undefined : join(recordsFolder, `${recordId(config)}.json`);
    if (made && !restart) refuseOtherImages(made, dataset.checksum);
    if (options.unlessRecorded && made && existsSync(made)) return loadRecord(made);
    if (restart && folder) forgetCheckpoints(folder);
    if (restart && made) rmSync(made, { force: true });
    const { onRecord, ...watcher } = loggedWatcher(config, options);
    const record = await experiment(config, dataset, { ...options, ...watcher, folder, lock });
    lock?.assertHeld();
    if (recordsFolder !== null) saveRecord(record, recordsFolder, { replace: restart });
    onRecord(record);
    return record;
  });
}

/**
 * Does `work` on a run while no other process can, once dataset and folders are known to be fit for it.
 * @throws UserError and RunLockedError as `runExperiment` does.
 */
export async function holdingRun<T>(
  config: RunConfig,
  dataset: Dataset,
  { runsFolder, recordsFolder }: { runsFolder: string | null; recordsFolder: string | null },
  work: (held: Pick<PretrainOptions, 'folder' | 'lock'>) => Promise<T>,
): Promise<T> {
  checkDataset(dataset);
  checkFits(config, dataset);
  for (const place of [runsFolder, recordsFolder]) if (place !== null) checkWritable(place);
  const folder = runsFolder === null ? undefined : runFolder(config, runsFolder);
  const lock = folder ? acquireRunLock(folder) : undefined;
  try {
    return await work({ folder, lock });
  } catch (error) {
    throw explainMemory(error);
  } finally {
    lock?.release();
  }
}

/** Removes all checkpoints from a run's folder. */
export function forgetCheckpoints(folder: string): void {
  for (const name of readdirSync(folder)) {
    if (!isRunLock(name)) rmSync(join(folder, name), { recursive: true, force: true });
  }
}

async function experiment(
  config: RunConfig,
  dataset: Dataset,
  {
    onLinearEpoch,
    onRawPixels,
    signal = interruptSignal(),
    folder,
    ...pretraining
  }: ExperimentOptions & Pick<PretrainOptions, 'folder' | 'lock'>,
): Promise<RunRecord> {
  const unevaluated = whyNotEvaluated(dataset);
  if (unevaluated) tellUnevaluated(dataset, unevaluated, pretraining.warn);
  else checkNeighbors(config.evaluation.knnK, dataset.train.count);
  const neighbors = { k: config.evaluation.knnK, temperature: config.evaluation.knnTemperature };
  const evaluation = new Stopwatch();
  const throwIfStopped = () => {
    if (signal?.aborted) throw stoppedInEvaluation(signal, folder);
  };
  const predictions: { knn?: Int32Array; linear?: Int32Array } = {};
  const evaluate = async ({ backbone }: Learner) => {
    const knn = await evaluation.time(() =>
      nearestNeighborPredictions(backbone, dataset, neighbors, throwIfStopped),
    );
    predictions.knn = knn;
    return accuracyOf(knn, dataset.test.labels);
  };
  const trained = await pretrain(config, dataset, {
    ...pretraining,
    signal,
    folder,
    ...(!unevaluated && { evaluate }),
  });
  const { learner, progress, dispose } = trained;
  if (unevaluated) {
    dispose();
    return makeRecord(config, dataset, trained, {
      knnTop1: null,
      linear: [],
      predictions,
      rawPixels: { rawPixelKnnTop1: null, rawPixelLinearTop1: null },
      evaluationSeconds: evaluation.seconds,
    });
  }
  let knnTop1: number;
  let linear: LinearEpoch[];
  let best = -1;
  try {
    // A run may have been resumed after the evaluation of its last epoch: its predictions are made again.
    const accuracy = predictions.knn ? undefined : await evaluate(learner);
    knnTop1 = progress.curves.at(-1)?.knnTop1 ?? accuracy!;
    throwIfStopped();
    linear = await evaluation.time(() =>
      linearEvaluation(learner.backbone, dataset, config, {
        onEpoch(epoch, epochs, logits) {
          if (epoch.top1 > best) {
            best = epoch.top1;
            predictions.linear = predictedClasses(logits, dataset.classes.length);
          }
          onLinearEpoch?.(epoch, epochs);
        },
        onImages: throwIfStopped,
        workers: pretraining.workers,
      }),
    );
  } finally {
    dispose();
  }
  const rawPixels = await evaluation.time(() =>
    rawPixelBaselines(dataset, neighbors, {
      linear: linear.length > 0,
      workers: pretraining.workers,
      onPart: (...progress) => {
        onRawPixels?.(...progress);
        throwIfStopped();
      },
    }),
  );
  return makeRecord(config, dataset, trained, {
    ...{ knnTop1, linear, predictions, rawPixels },
    evaluationSeconds: evaluation.seconds,
  });
}

/** A run without its accuracies must not pass in silence, also in a notebook that does not listen to warnings. */
function tellUnevaluated(
  dataset: Dataset,
  why: string,
  warn: (message: string) => void = console.warn,
): void {
  const missing = hasClasses(dataset) ? 'no accuracies' : 'no accuracies and no purity of neighbors';
  warn(`${dataset.name} is not evaluated, since ${why}: the record of this run has ${missing}.`);
}

/** The error for an evaluation that `signal` ended. */
export function stoppedInEvaluation(signal: AbortSignal, folder: string | undefined): Interrupted {
  const kept = folder
    ? ` Its training so far is in ${folder}; the same command, without --restart, goes on from there.`
    : '';
  return new Interrupted(`The run was stopped during its evaluation.${kept}`, {
    saved: folder !== undefined,
    signal,
  });
}

interface Evaluated {
  /** Null if the dataset has nothing to evaluate with. */
  knnTop1: number | null;
  linear: LinearEpoch[];
  predictions: { knn?: Int32Array; linear?: Int32Array };
  rawPixels: RawPixelBaselines;
  evaluationSeconds: number;
}

function makeRecord(
  config: RunConfig,
  dataset: Dataset,
  { progress }: Pretrained,
  { knnTop1, linear, predictions, rawPixels, evaluationSeconds }: Evaluated,
): RunRecord {
  const { curves } = progress;
  const packed = (predicted: Int32Array) => packPredictions(predicted, dataset.classes.length);
  const knnAccuracies = curves.flatMap((point) => (point.knnTop1 === null ? [] : [point.knnTop1]));
  return {
    schemaVersion: 1,
    ...trainingFacts(config, dataset, progress, evaluationSeconds),
    linearCurve: linear,
    metrics: {
      knnTop1,
      knnBestTop1: knnTop1 === null ? null : Math.max(...knnAccuracies, knnTop1),
      knnK: knnTop1 === null ? null : config.evaluation.knnK,
      ...linearMetrics(linear),
      purity: curves.at(-1)?.purity ?? null,
      loss: curves.at(-1)?.loss ?? null,
      ...rawPixels,
    },
    ...(predictions.knn && {
      predictions: {
        labels: packed(dataset.test.labels),
        knn: packed(predictions.knn),
        ...(predictions.linear && { linear: packed(predictions.linear) }),
      },
    }),
  };
}

/** What the record of a whole run and that of its first epochs have in common. */
export function trainingFacts(
  config: RunConfig,
  dataset: Dataset,
  progress: Pretrained['progress'],
  evaluationSeconds: number,
): Omit<RunRecord, 'schemaVersion' | 'linearCurve' | 'metrics' | 'predictions'> {
  const { curves, epochSeconds, startedAt, resumed } = progress;
  const { train, test, unlabeled, drawnFrom } = dataset;
  const paper = paperScale({ method: config.method, dataset: config.dataset });
  const images = {
    trainImages: train.count + (unlabeled?.count ?? 0),
    testImages: test.count,
    ...(paper && { verified: dataset.verified ?? false }),
  };
  const pretrainSeconds = epochSeconds.reduce((sum, seconds) => sum + seconds, 0);
  const seen = (curves.at(-1)?.step ?? 0) * config.training.batchSize;
  return {
    id: recordId(config),
    config,
    ...describeScale(config, images, paper),
    dataset: {
      name: dataset.name,
      checksum: dataset.checksum,
      ...images,
      ...(unlabeled && { unlabeledImages: unlabeled.count }),
      classes: dataset.classes.length,
      ...(drawnFrom && { drawnFrom }),
      ...folderFacts(dataset),
    },
    curves,
    provenance: collectProvenance({
      engine: engineFacts(),
      startedAt: new Date(startedAt),
      finishedAt: new Date(),
      resumed,
    }),
    timing: {
      pretrainSeconds,
      evaluationSeconds,
      totalSeconds: pretrainSeconds + evaluationSeconds,
      epochSeconds,
      imagesPerSecond: pretrainSeconds > 0 ? seen / pretrainSeconds : 0,
    },
  };
}
