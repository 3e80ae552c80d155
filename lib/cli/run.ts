import { defaultEngine, type Engine, startEngine } from '../engine';
import { canInstallNative } from '../engine/install';
import { findMethod } from '../methods';
import { datasetName, type RunRecord } from '../results';
import { runDataset, runExperiment } from '../runs';
import type { RunConfig } from '../training';
import type { MachineOptions } from './options';
import { abortOnSignals, RunProgress } from './progress';

/** Runs configurations one after the other, showing each; returns their records in the same order. */
export async function runAll(configs: RunConfig[], machine: MachineOptions): Promise<RunRecord[]> {
  const engine = await startEngine(machine);
  console.error(`Engine: ${engine.name} (${engine.version}), ${engine.threads} threads on ${engine.device}`);
  if (isSlow(engine, machine)) console.error('Native TensorFlow trains faster here: npx mnn engine install');
  const signal = abortOnSignals();
  const records: RunRecord[] = [];
  for (const config of configs) {
    const dataset = await runDataset(config, machine.data);
    const title = `${findMethod(config.method).title} on ${datasetName(config.dataset)}`;
    const progress = new RunProgress(title);
    try {
      const record = await runExperiment(config, dataset, {
        runsFolder: machine.runs,
        recordsFolder: machine.records,
        workers: machine.workers,
        restart: machine.restart,
        signal,
        warn: (message) => console.error(message),
        ...progress,
      });
      records.push(record);
    } finally {
      progress.stop();
    }
  }
  return records;
}

/** Whether nobody asked for this engine, and a faster one can probably be had. */
function isSlow({ name, device }: Engine, { engine }: MachineOptions): boolean {
  const automatic = (engine ?? defaultEngine()) === 'auto';
  return automatic && name !== 'native' && device === 'CPU' && canInstallNative();
}
