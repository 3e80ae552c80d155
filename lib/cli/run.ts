import { existsSync } from 'node:fs';
import type { RunConfig } from '../config/run-config';
import { UserError } from '../core/errors';
import { BrokenImages, type Dataset, dataFolder, datasetName, knownDataset, wholeText } from '../data';
import { listDatasets } from '../data/install';
import type { EngineDiagnosis } from '../engine';
import { defaultEngine, type Engine, startEngine } from '../engine';
import { canInstallNative } from '../engine/install';
import type { Proof } from '../engine/proof';
import { findMethod, methodName } from '../methods';
import { defaultRecordsFolder, loadRecords, type PartialRecord, type RunRecord, recordId } from '../results';
import {
  datasetWarning,
  type ExperimentOptions,
  estimateRuns,
  type FirstEpochsOptions,
  loadDatasetFor,
  type RunEstimate,
  runExperiment,
  runFirstEpochs,
} from '../runs';
import type { MachineOptions } from './options';
import { abortOnSignals, RunProgress, readingBar } from './progress';

/**
 * Runs configurations one after the other, showing each; returns their records in the same order.
 * @throws UserError of the first run that fails; with `keepGoing` after all others, to say which failed.
 */
export async function runAll(
  configs: RunConfig[],
  machine: MachineOptions & { keepGoing?: boolean },
): Promise<RunRecord[]> {
  await startAndSay(machine);
  const signal = abortOnSignals();
  const records: RunRecord[] = [];
  const failed: string[] = [];
  for (const [i, config] of configs.entries()) {
    const count = configs.length > 1 ? `${i + 1}/${configs.length} ` : '';
    try {
      records.push(await runOne(config, count, machine, signal));
    } catch (error) {
      if (!machine.keepGoing || !(error instanceof UserError)) throw error;
      console.error(`\n${error.message}`);
      failed.push(recordId(config));
    }
  }
  if (failed.length > 0)
    throw new UserError(`${failed.length} of ${configs.length} runs failed: ${failed.join(', ')}.`);
  return records;
}

/** Trains and records the first epochs of a run, with its progress. */
export async function runFirst(
  config: RunConfig,
  machine: MachineOptions,
  first: Pick<FirstEpochsOptions, 'untilEpoch' | 'evaluateAt'>,
): Promise<PartialRecord> {
  await startAndSay(machine);
  return showing(config, '', machine, abortOnSignals(), (dataset, options) =>
    runFirstEpochs(config, dataset, { ...options, ...first }),
  );
}

async function startAndSay(machine: MachineOptions): Promise<void> {
  const engine = await startEngine({ ...machine, say: console.error });
  console.error(`Engine: ${engine.name} (${engine.version}), ${engine.threads} threads on ${engine.device}`);
  if (isSlow(engine, machine)) console.error('Native TensorFlow trains faster here: npx mnn engine install');
}

function runOne(
  config: RunConfig,
  count: string,
  machine: MachineOptions,
  signal: AbortSignal,
): Promise<RunRecord> {
  return showing(config, count, machine, signal, (dataset, options) =>
    runExperiment(config, dataset, options),
  );
}

async function showing<T>(
  config: RunConfig,
  count: string,
  machine: MachineOptions,
  signal: AbortSignal,
  work: (dataset: Dataset, options: ExperimentOptions) => Promise<T>,
): Promise<T> {
  const dataset = await readDataset(config, machine.data);
  const title = `${count}${findMethod(config.method).title} on ${datasetName(config.dataset)}`;
  const progress = new RunProgress(title);
  try {
    return await work(dataset, {
      runsFolder: machine.runs,
      recordsFolder: machine.records,
      workers: machine.workers,
      keepEvery: machine.keepEvery || undefined,
      tensorboard: machine.tensorboard,
      log: machine.log,
      restart: machine.restart,
      signal,
      warn: (message) => console.error(message),
      ...progress,
    });
  } finally {
    progress.stop();
  }
}

/** Whether nobody asked for this engine, and a faster one can probably be had. */
function isSlow({ name, device }: Engine, { engine }: MachineOptions): boolean {
  const automatic = (engine ?? defaultEngine()) === 'auto';
  return automatic && name !== 'native' && device === 'CPU' && canInstallNative();
}

/** What runs take on this machine, from records and a few steps measured now; says what it measures. */
export async function estimateHere(
  configs: readonly RunConfig[],
  { engine, threads, precision, workers, records = defaultRecordsFolder() }: MachineOptions,
): Promise<Map<string, RunEstimate>> {
  await startEngine({ engine, threads, precision, say: console.error });
  return estimateRuns(configs, {
    records: existsSync(records) ? loadRecords(records) : [],
    workers,
    onMeasure: ({ method, dataset }) =>
      console.error(`Measuring a few steps: ${methodName(method)} on ${datasetName(dataset)} ...`),
  });
}

/** `loadDatasetFor` with a bar where reading takes long, and a line where there are fewer images than asked for. */
export async function readDataset(
  config: Pick<RunConfig, 'dataset' | 'images'>,
  data?: string,
): Promise<Dataset> {
  const bar = readingBar(datasetName(config.dataset));
  const dataset = await loadDatasetFor(config, data, bar.update)
    .finally(bar.stop)
    .catch((error) => {
      if (!(error instanceof BrokenImages)) throw error;
      throw new UserError(`${error.message} --skip-broken leaves them out.`);
    });
  for (const note of dataset.notes ?? []) console.error(note);
  if (dataset.origin && dataset.drawnFrom) {
    console.error(`A part is taken of ${wholeText(dataset.drawnFrom)}: --train and --test take more.`);
  }
  const short = datasetWarning(config, dataset);
  if (short) console.error(short);
  return dataset;
}

/** An engine on one line: whether it starts, its name, what it is or why not, and whether it is taken. */
export function engineLine({ name, works, detail, chosen }: EngineDiagnosis): string {
  return `${works ? 'works' : 'no   '}  ${name.padEnd(7)} ${detail}${chosen ? '   <- taken' : ''}`;
}

/** What was proven of a native engine, when and on which processor. */
export function proofLine({ provenAt, conditions, outcome }: Proof): string {
  const { tensorflow, operations } = outcome;
  const when = `on ${provenAt.slice(0, 10)}, on ${[conditions.processor, conditions.gpu].filter(Boolean).join(' with ')}`;
  if (tensorflow.wrong !== null) return `Not right (${when}): ${tensorflow.wrong}`;
  const own = operations?.wrong ? `; the kit's operations are not right: ${operations.wrong}` : '';
  const more = operations && !own ? ` and ${operations.computations} of the kit's operations` : '';
  return `Proven right ${when}: ${tensorflow.computations} computations of TensorFlow${more}, against double precision${own}`;
}

/** Finds out now, not after hours of training. */
export function checkDatasets(missing: readonly RunConfig[], data?: string): void {
  const there = listDatasets(dataFolder(data)).filter(({ state }) => state !== 'missing');
  const names = [...new Set(missing.map(({ dataset }) => dataset))].filter(
    (name) => knownDataset(name)?.source,
  );
  const absent = names.filter((name) => !there.some((listing) => listing.name === name));
  if (absent.length > 0) {
    throw new UserError(
      `Not in ${dataFolder(data)}: ${absent.join(', ')}. Get them with \`npx mnn data fetch <name>\`, name their ` +
        'folder with --data, or leave them out with --datasets.',
    );
  }
}
