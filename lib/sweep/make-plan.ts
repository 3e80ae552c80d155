import { join, resolve } from 'node:path';
import type { RunConfig } from '../config/run-config';
import { UserError } from '../core/errors';
import { runsFolder as defaultRunsFolder } from '../core/paths';
import { distinct } from '../core/statistics';
import { findMethod } from '../methods';
import { findTable, makePlan, type PaperTable, paperTables, type TableSelection } from '../paper';
import { defaultRecordsFolder, recordId } from '../results';
import { PLAN_VERSION, type RunCost, type SweepPlan } from './plan';

export interface PlanPlaces {
  records?: string;
  runs?: string;
  /** Files that register the methods which are not the kit's own. */
  load?: string[];
}

/** What tables need, before anybody knows what it costs. */
export interface Needs {
  tables: SweepPlan['tables'];
  /** Missing runs, each once, in the order of the tables. */
  missing: { config: RunConfig; tables: string[] }[];
}

/** The tables of these names, each once; `all` is every table of the paper. */
export function namedTables(names: readonly string[]): PaperTable[] {
  return distinct(names.flatMap((name) => (name === 'all' ? paperTables : [findTable(name, ['all'])])));
}

/**
 * The runs that tables need and that have no record; datasets need not be there. Of several tables each takes those
 * of the methods that it has.
 * @throws UserError for a method that no table has, or settings that do not fit.
 */
export function missingOf(tables: PaperTable[], selection: TableSelection, places: PlanPlaces = {}): Needs {
  const missing = new Map<string, Needs['missing'][number]>();
  const counts = withMethods(tables, selection).map(({ table, methods }) => {
    const plan = makePlan(table, { ...selection, methods }, places);
    for (const config of plan.missing) {
      const id = recordId(config);
      const known = missing.get(id) ?? { config, tables: [] };
      missing.set(id, { config, tables: [...known.tables, table.name] });
    }
    return {
      name: table.name,
      runs: plan.found.length + plan.missing.length,
      recorded: plan.found.length,
    };
  });
  return { tables: counts, missing: [...missing.values()] };
}

function withMethods(
  tables: PaperTable[],
  { methods }: TableSelection,
): { table: PaperTable; methods?: readonly string[] }[] {
  if (!methods || tables.length === 1) return tables.map((table) => ({ table, methods }));
  for (const method of methods) if (method !== 'all') findMethod(method);
  const having = tables
    .map((table) => ({ table, methods: methods.filter((method) => hasMethod(table, method)) }))
    .filter((entry) => entry.methods.length > 0);
  if (having.length === 0) throw new UserError(`None of the tables has ${methods.join(', ')}.`);
  return having;
}

function hasMethod({ open, rows }: PaperTable, method: string): boolean {
  return open || method === 'all' || rows.some((row) => row.method === method);
}

/** A plan of runs whose costs are known. */
export function planOf(
  { tables, missing }: Needs,
  preset: string,
  costs: ReadonlyMap<string, RunCost>,
  throughput: number | null,
  { records = defaultRecordsFolder(), runs = defaultRunsFolder, load = [] }: PlanPlaces = {},
): SweepPlan {
  return {
    schemaVersion: PLAN_VERSION,
    kind: 'sweep-plan',
    createdAt: new Date().toISOString(),
    preset,
    tables,
    folders: { records: resolve(records), runs: resolve(runs) },
    load: load.map((file) => resolve(file)),
    throughput,
    runs: missing.map(({ config, tables: needing }) => {
      const id = recordId(config);
      return {
        id,
        config,
        tables: needing,
        record: join(resolve(records), `${id}.json`),
        cost: costs.get(id)!,
      };
    }),
  };
}
