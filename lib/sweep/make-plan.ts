import { join, resolve } from 'node:path';
import type { RunConfig } from '../config/run-config';
import { UserError } from '../core/errors';
import { runsFolder as defaultRunsFolder } from '../core/paths';
import { distinct } from '../core/statistics';
import type { Table } from '../core/table';
import { formatDuration } from '../core/text';
import { findMethod } from '../methods';
import { findTable, makePlan, type PaperTable, paperTables, type TableSelection } from '../paper';
import { defaultRecordsFolder, recordId } from '../results';
import { expectedImages, runSeconds } from '../runs';
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

/**
 * Passes through the network that a step takes for each image, in forward passes: two of the student with
 * their gradients, each as long as three, and two of the teacher.
 */
const passesPerStep = 8;

/**
 * What runs take where a training step deals with so many images of 32 pixels a second. All methods count as
 * equally fast; larger images and feature maps take as much longer as they have more pixels.
 */
export function costsFrom(throughput: number, configs: readonly RunConfig[]): Map<string, RunCost> {
  return new Map(
    configs.map((config) => {
      const { model, training } = config;
      const pixels = (size: number) => (size / (model.maxPool ? 2 : 1) / 32) ** 2;
      const seconds = runSeconds(config, {
        step: (training.batchSize * pixels(training.cropSize)) / throughput,
        image: pixels(expectedImages(config).size) / throughput / passesPerStep,
      });
      return [recordId(config), { seconds, basis: 'throughput' }];
    }),
  );
}

/** What runs cost, under the name of a column. */
export interface CostColumn {
  label: string;
  costs: ReadonlyMap<string, { seconds: number }>;
}

/** What each table costs in hours, and all of them: a run counts for the first table that needs it. */
export function costTable({ tables, missing }: Needs, columns: CostColumn[]): Table {
  const hours = (runs: Needs['missing']) =>
    Object.fromEntries(
      columns.map(({ label, costs }) => {
        const seconds = runs.map(({ config }) => costs.get(recordId(config))!.seconds);
        return [label, seconds.reduce((sum, value) => sum + value, 0) / 3600];
      }),
    );
  const rows = tables.map(({ name, runs, recorded }) => {
    const own = missing.filter((run) => run.tables[0] === name);
    const shared = runs - recorded - own.length;
    return { name, runs, recorded, shared, missing: own.length, ...hours(own) };
  });
  const number = (key: string, label: string) => ({ key, label, align: 'right' as const });
  return {
    columns: [
      { key: 'name', label: 'table', align: 'left' },
      number('runs', 'runs'),
      number('recorded', 'with a record'),
      number('shared', 'in a table above'),
      number('missing', 'to run'),
      ...columns.map(({ label }) => ({
        ...number(label, label),
        format: (value: number) => value.toFixed(2),
      })),
    ],
    rows: [...rows, { name: 'together', missing: missing.length, ...hours(missing) }],
    notes: [],
  };
}

/** A plan's cost in a sentence. */
export function planCostSentence({ missing }: Needs, costs: ReadonlyMap<string, RunCost>): string {
  const own = missing.map(({ config }) => costs.get(recordId(config))!);
  const seconds = own.reduce((sum, cost) => sum + cost.seconds, 0);
  const longest = Math.max(0, ...own.map((cost) => cost.seconds));
  return `One after the other they take about ${formatDuration(seconds)}, the longest ${formatDuration(longest)}.`;
}
