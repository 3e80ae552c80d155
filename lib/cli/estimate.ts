import { existsSync } from 'node:fs';
import type { RunConfig } from '../config/run-config';
import { datasetName } from '../data';
import { startEngine } from '../engine';
import { methodName } from '../methods';
import { defaultRecordsFolder, loadRecords } from '../results';
import { estimateRuns, type RunEstimate } from '../runs';
import type { MachineOptions } from './options';

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
