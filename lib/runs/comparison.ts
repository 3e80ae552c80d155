import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { defaultRecordsFolder, loadRecord, type RunRecord, recordId } from '../results';
import { type PresetOptions, presetConfig, type RunConfig } from '../training';

/** The runs of `mnn reproduce quick`: MNN, MSF and the network before training, on the built-in dataset. */
export function quickComparison(
  settings: Pick<PresetOptions, 'seed' | 'options' | 'override'> = {},
): RunConfig[] {
  const { override, ...rest } = settings;
  return ['mnn', 'msf', 'untrained'].map((method) => {
    const { epochs: _epochs, ...training } = override?.training ?? {};
    const fitting = method === 'untrained' ? { ...override, training } : override;
    return presetConfig({ ...rest, override: fitting, preset: 'quick', dataset: 'shapes10', method });
  });
}

/** Which configurations have a record already, and which have to be run. */
export function missingRuns(
  configs: RunConfig[],
  { records = defaultRecordsFolder(), restart = false }: { records?: string; restart?: boolean },
): { found: RunRecord[]; missing: RunConfig[] } {
  const file = (config: RunConfig) => join(records, `${recordId(config)}.json`);
  const done = (config: RunConfig) => !restart && existsSync(file(config));
  return {
    found: configs.filter(done).map((config) => loadRecord(file(config))),
    missing: configs.filter((config) => !done(config)),
  };
}
