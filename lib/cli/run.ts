import type { RunConfig } from '../config/run-config';
import { UserError } from '../core/errors';
import { datasetName } from '../data';
import { defaultEngine, type Engine, startEngine } from '../engine';
import { canInstallNative } from '../engine/install';
import { findMethod } from '../methods';
import { type RunRecord, recordId } from '../results';
import { runExperiment } from '../runs';
import type { MachineOptions } from './options';
import { abortOnSignals, RunProgress } from './progress';
import { readDataset } from './read-dataset';

/**
 * Runs configurations one after the other, showing each; returns their records in the same order.
 * @throws UserError of the first run that fails; with `keepGoing` after all others, to say which failed.
 */
export async function runAll(
  configs: RunConfig[],
  machine: MachineOptions & { keepGoing?: boolean },
): Promise<RunRecord[]> {
  const engine = await startEngine({ ...machine, say: console.error });
  console.error(`Engine: ${engine.name} (${engine.version}), ${engine.threads} threads on ${engine.device}`);
  if (isSlow(engine, machine)) console.error('Native TensorFlow trains faster here: npx mnn engine install');
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

async function runOne(
  config: RunConfig,
  count: string,
  machine: MachineOptions,
  signal: AbortSignal,
): Promise<RunRecord> {
  const dataset = await readDataset(config, machine.data);
  const title = `${count}${findMethod(config.method).title} on ${datasetName(config.dataset)}`;
  const progress = new RunProgress(title);
  try {
    return await runExperiment(config, dataset, {
      runsFolder: machine.runs,
      recordsFolder: machine.records,
      workers: machine.workers,
      keepEvery: machine.keepEvery || undefined,
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
