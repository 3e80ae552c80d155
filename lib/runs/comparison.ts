import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { RunConfig } from '../config/run-config';
import { unknownName } from '../core/errors';
import { methodOptions } from '../methods';
import type { PresetOptions } from '../presets';
import { presetConfig } from '../presets';
import { defaultRecordsFolder, loadRecord, type RunRecord, recordId } from '../results';

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

/**
 * The configuration of one of several methods that are compared with the same settings: an option goes only to
 * the methods that have it, and the network that is not trained stays untrained.
 */
export function comparedConfig({ options = {}, override, ...settings }: PresetOptions): RunConfig {
  const own = methodOptions(settings.method, {});
  const { epochs: _epochs, ...training } = override?.training ?? {};
  return presetConfig({
    ...settings,
    options: Object.fromEntries(Object.entries(options).filter(([name]) => name in own)),
    override: settings.method === 'untrained' ? { ...override, training } : override,
  });
}

/** @throws UserError for an option that none of the methods has. */
export function checkComparedOptions(methods: readonly string[], options: Record<string, unknown>): void {
  const known = [...new Set(methods.flatMap((method) => Object.keys(methodOptions(method, {}))))];
  for (const name of Object.keys(options))
    if (!known.includes(name)) throw unknownName('option', name, known);
}
