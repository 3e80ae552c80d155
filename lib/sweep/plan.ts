import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative as relativePath, resolve } from 'node:path';
import { z } from 'zod';
import { runConfigSchema } from '../config/run-config';
import { UserError } from '../core/errors';
import { checkFileWritable, writeFileAtomic } from '../core/files';
import { projectRoot } from '../core/paths';
import { recordId } from '../results';

/** The version of the plan format that this kit writes. */
export const PLAN_VERSION = 1;

const count = z.int().nonnegative();

const costSchema = z.strictObject({
  seconds: z.number().nonnegative(),
  /** `throughput`: from a given number of images per second; the others as for a table that is reproduced. */
  basis: z.enum(['recorded', 'measured', 'assumed', 'throughput']),
});

const plannedRunSchema = z.strictObject({
  id: z.string(),
  config: runConfigSchema,
  /** The tables that need it. */
  tables: z.array(z.string()),
  /** The file that it makes. */
  record: z.string(),
  cost: costSchema,
});

/** The runs that tables still need, with all that it takes to make them anywhere that sees the same folders. */
const sweepPlanSchema = z.strictObject({
  schemaVersion: z.literal(PLAN_VERSION),
  kind: z.literal('sweep-plan'),
  createdAt: z.iso.datetime(),
  preset: z.string(),
  tables: z.array(
    z.strictObject({
      name: z.string(),
      /** Runs that it needs, and how many of them had a record. */
      runs: count,
      recorded: count,
    }),
  ),
  /** The same on every machine that works on the plan; relative ones are from the plan's own folder. */
  folders: z.strictObject({ records: z.string(), runs: z.string() }),
  /** Files that register methods which are not the kit's own. */
  load: z.array(z.string()),
  /** Images per second of a training step, where the costs are from that. */
  throughput: z.number().positive().nullable(),
  /** Each once, whichever tables share it; a task's number is its place here. */
  runs: z.array(plannedRunSchema),
});

export type SweepPlan = z.infer<typeof sweepPlanSchema>;
export type PlannedRun = z.infer<typeof plannedRunSchema>;
export type RunCost = z.infer<typeof costSchema>;

/**
 * Writes a plan.
 * @param relative with its paths relative to its own folder, so that a repository can hold it.
 * @throws UserError like `checkPlanFile`.
 */
export function savePlan(plan: SweepPlan, file: string, { relative = false } = {}): void {
  checkPlanFile(file);
  const folder = dirname(resolve(file));
  const written = relative ? withPaths(plan, (path) => relativePath(folder, path)) : plan;
  writeFileAtomic(file, `${JSON.stringify(written, null, 2)}\n`);
}

function withPaths(plan: SweepPlan, changed: (path: string) => string): SweepPlan {
  return {
    ...plan,
    folders: { records: changed(plan.folders.records), runs: changed(plan.folders.runs) },
    load: plan.load.map(changed),
    runs: plan.runs.map((run) => ({ ...run, record: changed(run.record) })),
  };
}

/** @throws UserError if it cannot be written, or there is one already: tasks that were submitted go by a plan's numbers. */
export function checkPlanFile(file: string): void {
  if (existsSync(file)) {
    throw new UserError(
      `${file} is there already, and tasks may be at work on it. Give another file with --out, or remove that one.`,
    );
  }
  checkFileWritable(file);
}

/** Reads a plan; its relative paths are from its own folder. @throws UserError that names the file and what is wrong with it. */
export function loadPlan(file: string): SweepPlan {
  const parsed = sweepPlanSchema.safeParse(parseJson(file));
  if (!parsed.success) {
    throw new UserError(
      `${file} is not a sweep plan:\n${z.prettifyError(parsed.error)}\nMake one with \`npx mnn plan\`.`,
    );
  }
  const changed = parsed.data.runs.find(({ id, config }) => id !== recordId(config));
  if (changed) {
    throw new UserError(
      `${file}: run ${changed.id} has the configuration of ${recordId(changed.config)}. Plans are not changed by ` +
        'hand: make another with `npx mnn plan`.',
    );
  }
  return withPaths(parsed.data, (path) => resolve(dirname(file), path));
}

function parseJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new UserError(
      `Cannot read the plan ${file} (${(error as Error).message}). Make one with \`npx mnn plan\`.`,
    );
  }
}

/** Where a sweep keeps what it knows beside records and checkpoints: next to the plan. */
export function sweepFolder(planFile: string): string {
  return resolve(`${planFile.replace(/\.json$/, '')}.sweep`);
}

/** Where the plan format is published for readers in other languages. */
export function planSchemaPath(): string {
  return join(projectRoot, 'results', 'schema', `sweep-plan-v${PLAN_VERSION}.json`);
}

/** The plan format as JSON Schema, as it stands in `results/schema/`. */
export function planJsonSchema(): string {
  const schema = { title: `MNN Kit sweep plan, version ${PLAN_VERSION}`, ...z.toJSONSchema(sweepPlanSchema) };
  return `${JSON.stringify(schema, null, 2)}\n`;
}

/** Writes the JSON Schema to its place; to be called after a change of the format. */
export function writePlanSchema(): void {
  writeFileAtomic(planSchemaPath(), planJsonSchema());
}
