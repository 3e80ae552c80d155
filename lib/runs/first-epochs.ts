import type { RunConfig } from '../config/run-config';
import { UserError } from '../core/errors';
import { interruptSignal } from '../core/interruption';
import { runsFolder as defaultRunsFolder } from '../core/paths';
import { Stopwatch } from '../core/stopwatch';
import { type Dataset, whyNotEvaluated } from '../data';
import { checkNeighbors, nearestNeighborAccuracy } from '../evaluation';
import type { Learner } from '../methods';
import { defaultRecordsFolder, type PartialRecord, savePartialRecord } from '../results';
import { type PretrainOptions, pretrain } from '../training';
import {
  type ExperimentOptions,
  forgetCheckpoints,
  holdingRun,
  stoppedInEvaluation,
  trainingFacts,
} from './experiment';

export interface FirstEpochsOptions
  extends Omit<ExperimentOptions, 'unlessRecorded' | 'onLinearEpoch' | 'onRawPixels'>,
    Pick<PretrainOptions, 'evaluateAt'> {
  /** The last epoch to train, of `config.training.epochs`. */
  untilEpoch: number;
}

/**
 * Trains the first epochs of a run with the schedule of the whole, evaluates the nearest neighbors after chosen epochs,
 * and writes a partial record to `partial` in the folder of records. The run can be resumed later, to a later epoch or,
 * by `runExperiment`, to its end, with the bits of an uninterrupted run. If it is past `untilEpoch` already, the record
 * is of all its finished epochs.
 * @throws UserError and others as `runExperiment` does, and for epochs that are not among the first of the run.
 * @example
 * const config = presetConfig({ preset: 'paper', method: 'ressl', dataset: 'cifar10' });
 * const dataset = await loadDatasetFor(config);
 * const { curves } = await runFirstEpochs(config, dataset, { untilEpoch: 10, evaluateAt: [2, 5, 10] });
 */
export async function runFirstEpochs(
  config: RunConfig,
  dataset: Dataset,
  options: FirstEpochsOptions,
): Promise<PartialRecord> {
  const { runsFolder = defaultRunsFolder, recordsFolder = defaultRecordsFolder(), restart } = options;
  checkEpochs(config, options);
  return holdingRun(config, dataset, { runsFolder, recordsFolder }, async ({ folder, lock }) => {
    if (restart && folder) forgetCheckpoints(folder);
    const record = await firstEpochs(config, dataset, { ...options, folder, lock });
    lock?.assertHeld();
    if (recordsFolder === null) return record;
    const { path, epochs } = savePartialRecord(record, recordsFolder, { replace: restart });
    if (epochs > record.curves.length) options.warn?.(`${path} has ${epochs} epochs and is kept as it is.`);
    return record;
  });
}

function checkEpochs(
  { training: { epochs } }: RunConfig,
  { untilEpoch, evaluateAt = [] }: FirstEpochsOptions,
): void {
  if (!(untilEpoch >= 1 && untilEpoch < epochs)) {
    throw new UserError(
      `Epoch ${untilEpoch} is not one of the first of a run of ${epochs} epochs: give one from 1 to ${epochs - 1}, ` +
        'or train the whole run.',
    );
  }
  const late = evaluateAt.find((epoch) => epoch < 1 || epoch > untilEpoch);
  if (late !== undefined) {
    throw new UserError(`Epoch ${late} cannot be evaluated: the training is from epoch 1 to ${untilEpoch}.`);
  }
}

async function firstEpochs(
  config: RunConfig,
  dataset: Dataset,
  {
    signal = interruptSignal(),
    runsFolder: _runs,
    recordsFolder: _records,
    restart: _restart,
    ...pretraining
  }: FirstEpochsOptions & Pick<PretrainOptions, 'folder' | 'lock'>,
): Promise<PartialRecord> {
  const { knnK, knnTemperature: temperature } = config.evaluation;
  const why = whyNotEvaluated(dataset);
  if (why) pretraining.warn?.(`${dataset.name} is not evaluated, since ${why}.`);
  else checkNeighbors(knnK, dataset.train.count);
  const evaluation = new Stopwatch();
  const throwIfStopped = () => {
    if (signal?.aborted) throw stoppedInEvaluation(signal, pretraining.folder);
  };
  const evaluate = ({ backbone }: Learner) =>
    evaluation.time(() =>
      nearestNeighborAccuracy(backbone, dataset, { k: knnK, temperature }, throwIfStopped),
    );
  const trained = await pretrain(config, dataset, { ...pretraining, signal, ...(!why && { evaluate }) });
  trained.dispose();
  const { curves } = trained.progress;
  const missed = why
    ? []
    : (pretraining.evaluateAt ?? []).filter((epoch) => curves[epoch - 1].knnTop1 === null);
  if (missed.length > 0) {
    pretraining.warn?.(`Not evaluated after epoch ${missed.join(', ')}: the run was past it already.`);
  }
  return {
    schemaVersion: 1,
    kind: 'partial-run',
    ...trainingFacts(config, dataset, trained.progress, evaluation.seconds),
  };
}
