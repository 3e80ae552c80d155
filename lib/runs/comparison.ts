import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { unknownName } from '../errors';
import { comparedMethods, methodOptions } from '../methods';
import { defaultRecordsFolder, loadRecord, type RunRecord, recordId } from '../results';
import { type PresetOptions, presetConfig, type RunConfig } from '../training';

/**
 * The runs of `mnn reproduce quick`: methods on the built-in dataset, all else equal.
 * @param methods names, or `all` for the whole comparison and the network before training; by default MNN, MSF
 *   and that network. An option goes to the methods that have it.
 * @throws UserError for an option that none of them has.
 */
export function quickComparison({
  methods = ['mnn', 'msf', 'untrained'],
  options = {},
  override,
  seed,
}: Pick<PresetOptions, 'seed' | 'options' | 'override'> & { methods?: string[] } = {}): RunConfig[] {
  const names = methods.flatMap((name) => (name === 'all' ? [...comparedMethods, 'untrained'] : [name]));
  const known = new Map(names.map((name) => [name, methodOptions(name, {})]));
  const all = [...new Set([...known.values()].flatMap((own) => Object.keys(own)))];
  for (const name of Object.keys(options)) if (!all.includes(name)) throw unknownName('option', name, all);
  return [...known].map(([method, own]) => {
    const { epochs: _epochs, ...training } = override?.training ?? {};
    return presetConfig({
      seed,
      options: Object.fromEntries(Object.entries(options).filter(([name]) => name in own)),
      override: method === 'untrained' ? { ...override, training } : override,
      preset: 'quick',
      dataset: 'shapes10',
      method,
    });
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
