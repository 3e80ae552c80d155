import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Interrupted, UserError, unknownName } from '../core/errors';
import { writeFileAtomic } from '../core/files';
import { packageRoot } from '../core/paths';
import { dataFolder } from '../data';
import {
  checkTemplate,
  defaultParallel,
  flagOf,
  listGpus,
  loadPlan,
  type RunStatus,
  type SlurmRequest,
  type SubmitOptions,
  type SweepPlan,
  type SweepState,
  slurmScripts,
  slurmTasks,
  submitArrays,
  sweepFolder,
  sweepLocally,
  sweepStatus,
  threadsFor,
} from '../sweep';
import type { MachineOptions } from './options';
import { abortOnSignals } from './progress';
import { checkDatasets } from './run';
import { SweepProgress } from './sweep-progress';

/** What the command line gives to a sweep. */
export interface SweepOptions
  extends Pick<MachineOptions, 'engine' | 'threads' | 'precision' | 'workers' | 'data'>,
    SlurmRequest {
  executor?: string;
  scratch?: string;
  maxParallel?: number;
  template?: string;
  hold?: boolean;
  dryRun?: boolean;
}

const executors = ['local', 'slurm'];
const slurmOnly = [
  'partition',
  'gres',
  'time',
  'account',
  'qos',
  'cpusPerTask',
  'mem',
  'template',
  'hold',
] as const;

/**
 * Runs those of a plan's runs that are in one of these states, here or on Slurm.
 * @throws UserError after all others where some failed.
 * @throws Interrupted where a signal ended it.
 */
export async function startSweep(
  planFile: string,
  states: readonly SweepState[],
  given: SweepOptions,
): Promise<void> {
  const { executor = 'local' } = given;
  if (!executors.includes(executor)) throw unknownName('executor', executor, executors);
  const extra = executor === 'local' ? slurmOnly.filter((name) => given[name] !== undefined) : [];
  if (extra.length > 0)
    throw new UserError(
      `${extra.map(flagOf).join(', ')}: only for --executor slurm. Leave it out, or give that too.`,
    );
  const plan = loadPlan(planFile);
  const all = sweepStatus(planFile, plan, slurmTasks(planFile));
  const chosen = all.filter(({ state }) => states.includes(state));
  const done = all.filter(({ state }) => state === 'done').length;
  console.error(`${all.length} runs in the plan: ${done} done, ${chosen.length} to run.`);
  if (chosen.length === 0) return;
  checkDatasets(
    chosen.map(({ index }) => plan.runs[index].config),
    given.data,
  );
  if (given.dryRun) return showScripts(planFile, chosen, given);
  saveOptions(planFile, { ...given, executor });
  if (executor === 'slurm') submitSweep(planFile, chosen, given);
  else await sweepHere(planFile, plan, chosen, given);
}

/** What is given, and for all else the options that a sweep of the plan was last started with on that executor. */
export function withLastOptions(planFile: string, given: SweepOptions): SweepOptions {
  const file = optionsFile(planFile);
  if (!existsSync(file))
    throw new UserError(`No sweep of ${planFile} was started yet: npx mnn sweep ${planFile}`);
  const last = parseOptions(file);
  return given.executor === undefined || given.executor === last.executor ? { ...last, ...given } : given;
}

function parseOptions(file: string): SweepOptions {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new UserError(
      `Cannot read the options of the last sweep in ${file} (${(error as Error).message}). Remove it, and run ` +
        'mnn sweep with the options instead.',
    );
  }
}

function saveOptions(planFile: string, { dryRun: _dryRun, hold: _hold, ...given }: SweepOptions): void {
  // A retry may be given in another folder.
  const { data, scratch, template } = given;
  const places = { data: absolute(data), scratch: absolute(scratch), template: absolute(template) };
  writeFileAtomic(optionsFile(planFile), `${JSON.stringify({ ...given, ...places }, null, 2)}\n`);
}

function absolute(path: string | undefined): string | undefined {
  return path === undefined ? undefined : resolve(path);
}

function optionsFile(planFile: string): string {
  return join(sweepFolder(planFile), 'options.json');
}

async function sweepHere(
  planFile: string,
  plan: SweepPlan,
  chosen: readonly RunStatus[],
  given: SweepOptions,
): Promise<void> {
  const gpus = listGpus();
  const parallel = Math.min(given.maxParallel ?? defaultParallel(gpus), chosen.length);
  const threads = given.threads ?? threadsFor(parallel);
  const elsewhere = chosen.filter(({ state }) => state === 'running').length;
  console.error(
    `${parallel} at once, ${threads} threads each${gpus.length > 0 ? `, on GPU ${gpus.join(', ')}` : ''}.` +
      (elsewhere > 0 ? ` ${elsewhere} are at work elsewhere and waited for.` : ''),
  );
  const signal = abortOnSignals('the runs at work save and stop');
  const progress = new SweepProgress(chosen.length);
  const failed = await sweepLocally(
    planFile,
    chosen.map(({ index }) => index),
    {
      ...progress,
      command: commandLine(),
      taskArguments: taskArguments({ ...given, threads }),
      parallel,
      gpus,
      signal,
    },
  ).finally(() => progress.stop());
  const left = plan.runs.filter(({ record }) => !existsSync(record)).length;
  if (signal.aborted) {
    throw new Interrupted(
      `The sweep was stopped with ${left} runs left; the same command goes on from their checkpoints.`,
      { saved: true, signal },
    );
  }
  if (failed > 0)
    throw new UserError(
      `${failed} of ${chosen.length} runs failed. See why: npx mnn sweep status ${planFile}; run them again: ` +
        `npx mnn sweep retry ${planFile}`,
    );
  console.log(`All ${chosen.length} runs have their record in ${plan.folders.records}.`);
}

function submitSweep(planFile: string, chosen: readonly RunStatus[], given: SweepOptions): void {
  const submitted = submitArrays(planFile, indicesOf(chosen), submitOptions(given));
  for (const { job, indices } of submitted) console.log(`Slurm job ${job}: ${indices.length} tasks`);
  if (submitted.length > (given.maxParallel ?? Infinity)) {
    console.error(
      `${submitted.length} runs at once, not ${given.maxParallel}: there are so many arrays, and each takes one.`,
    );
  }
  console.log(`How it stands: npx mnn sweep status ${planFile}`);
}

function showScripts(planFile: string, chosen: readonly RunStatus[], given: SweepOptions): void {
  if (given.executor === 'slurm') {
    const scripts = slurmScripts(planFile, indicesOf(chosen), submitOptions(given));
    for (const { script } of scripts) console.log(script);
  } else for (const { id, index } of chosen) console.log(`${index}  ${id}`);
}

function indicesOf(chosen: readonly RunStatus[]): number[] {
  return chosen.map(({ index }) => index);
}

function submitOptions(given: SweepOptions): SubmitOptions {
  const { partition, gres, time, account, qos, cpusPerTask, mem, maxParallel, hold } = given;
  return {
    request: { partition, gres, time, account, qos, cpusPerTask, mem },
    template: given.template === undefined ? undefined : readTemplate(given.template),
    maxParallel,
    hold,
    command: commandLine(),
    taskArguments: taskArguments(given),
  };
}

function readTemplate(file: string): string {
  if (!existsSync(file)) throw new UserError(`There is no template ${file}.`);
  const template = readFileSync(file, 'utf8');
  for (const note of checkTemplate(template, file)) console.error(note);
  return template;
}

/** What starts the kit's command line in another process. */
function commandLine(): string[] {
  return [process.execPath, join(packageRoot, 'cli', 'mnn.cjs')];
}

function taskArguments({ engine, threads, precision, workers, data, scratch }: SweepOptions): string[] {
  const given = { engine, threads, precision, workers, data: dataFolder(data), scratch: absolute(scratch) };
  return Object.entries(given).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name}`, String(value)],
  );
}
