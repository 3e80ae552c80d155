import { join } from 'node:path';
import type { RunConfig } from '../../lib/config/run-config';
import { recordId } from '../../lib/results';
import { planOf, savePlan } from '../../lib/sweep';

/** Writes a plan of these runs into the folder; returns its file. */
export function planFileOf(folder: string, configs: readonly RunConfig[]): string {
  const file = join(folder, 'plan.json');
  const missing = configs.map((config) => ({ config, tables: ['linear'] }));
  const costs = new Map(
    configs.map((config) => [recordId(config), { seconds: 1, basis: 'throughput' as const }]),
  );
  const places = { records: join(folder, 'records'), runs: join(folder, 'runs') };
  savePlan(planOf({ tables: [], missing }, 'quick', costs, 1, places), file);
  return file;
}
