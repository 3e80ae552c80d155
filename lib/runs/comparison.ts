import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { RunConfig } from '../config/run-config';
import { distinct } from '../core/statistics';
import { comparedMethods } from '../methods';
import type { PresetOptions } from '../presets';
import { paperSeeds } from '../presets';
import { defaultRecordsFolder, loadRecord, type RunRecord, recordId } from '../results';
import { checkComparedOptions, comparedConfig } from './compared-config';

/**
 * The runs of `mnn reproduce quick`: methods on the built-in dataset, all else equal.
 * @param methods names, or `all` for the whole comparison and the network before training; by default MNN, MSF
 *   and that network. An option goes to the methods that have it.
 * @param seeds by default the paper's three; seed by seed, so that a comparison of one is soon complete.
 * @throws UserError for an option that none of them has.
 */
export function quickComparison({
  methods = ['mnn', 'msf', 'untrained'],
  options = {},
  override,
  seeds = paperSeeds,
}: Pick<PresetOptions, 'options' | 'override'> & {
  methods?: string[];
  seeds?: readonly number[];
} = {}): RunConfig[] {
  const names = methods.flatMap((name) => (name === 'all' ? [...comparedMethods, 'untrained'] : [name]));
  const compared = distinct(names);
  checkComparedOptions(compared, options);
  return distinct(seeds).flatMap((seed) =>
    compared.map((method) =>
      comparedConfig({ seed, options, override, preset: 'quick', dataset: 'shapes10', method }),
    ),
  );
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
