import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, delimiter, join, resolve } from 'node:path';
import { z } from 'zod';

import { UserError } from '../core/errors';
import { visibleNames, writeFileAtomic } from '../core/files';

import { sweepFolder } from './plan';
import {
  type ArrayPart,
  arrayParts,
  arraySpec,
  batchScript,
  checkTimeLimit,
  type SlurmRequest,
  shellWord,
} from './slurm-script';

export interface SubmitOptions {
  request: SlurmRequest;
  template?: string;
  /** Tasks at once, of all arrays together; each takes at least one. */
  maxParallel?: number;
  /** Submit them held: `scontrol release` lets them go. */
  hold?: boolean;
  /** What starts the command line, and the options of a task. */
  command: readonly string[];
  taskArguments: readonly string[];
}

const submissionSchema = z.strictObject({
  job: z.int().positive(),
  offset: z.int().nonnegative(),
  indices: z.array(z.int().nonnegative()),
  submittedAt: z.iso.datetime(),
});

/** An array that Slurm was given. */
export type Submission = z.infer<typeof submissionSchema>;

/** What is known of a run that was given to Slurm. */
export interface QueuedTask {
  /** Slurm's name of it: `<job>_<task>`. */
  name: string;
  /** Its state and reason while Slurm has it; undefined once it has ended. */
  queued?: string;
  /** Where the queue cannot be asked, when Slurm was given it: what a task said since then is news. */
  unknownSince?: string;
  /** How it ended, where Slurm keeps accounts. */
  ended?: string;
  log: string;
}

/** One script for each array that these runs need. @throws UserError for a time limit that is too short. */
export function slurmScripts(
  planFile: string,
  indices: readonly number[],
  options: SubmitOptions,
  limit: number = maxArraySize(),
): { part: ArrayPart; script: string }[] {
  const parts = arrayParts(indices, limit);
  const { maxParallel, request } = options;
  if (request.time !== undefined) checkTimeLimit(request.time);
  const concurrency =
    maxParallel === undefined ? undefined : Math.max(1, Math.floor(maxParallel / parts.length));
  return parts.map((part) => ({
    part,
    script: batchScript(
      {
        name: `mnn-${basename(planFile, '.json').replace(/[^\w.-]+/g, '-')}`,
        array: arraySpec(
          part.indices.map((index) => index - part.offset),
          concurrency,
        ),
        log: logPattern(planFile),
        command: taskCommand(planFile, part.offset, options),
        request,
      },
      options.template,
    ),
  }));
}

/** Submits runs as arrays, one task a run, and notes what Slurm called them. */
export function submitArrays(
  planFile: string,
  indices: readonly number[],
  options: SubmitOptions,
): Submission[] {
  const folder = submissionsFolder(planFile);
  mkdirSync(join(sweepFolder(planFile), 'logs'), { recursive: true });
  return slurmScripts(planFile, indices, options).map(({ part, script }) => {
    const submittedAt = new Date().toISOString();
    const file = join(folder, `${submittedAt.replace(/\D/g, '')}-${part.offset}.sh`);
    writeFileAtomic(file, script);
    const answer = slurm('sbatch', ['--parsable', ...(options.hold ? ['--hold'] : []), file]);
    const submission = { ...part, job: Number(answer.split(';')[0]), submittedAt };
    writeFileAtomic(join(folder, `${submission.job}.json`), `${JSON.stringify(submission)}\n`);
    return submission;
  });
}

/** The arrays that Slurm was given of a plan, the oldest first. */
export function submissionsOf(planFile: string): Submission[] {
  const folder = submissionsFolder(planFile);
  if (!existsSync(folder)) return [];
  return visibleNames(folder)
    .filter((name) => name.endsWith('.json'))
    .map((name) => submissionSchema.parse(JSON.parse(readFileSync(join(folder, name), 'utf8'))))
    .sort((a, b) => a.job - b.job);
}

/** What Slurm has of a plan, by a run's number; of a run that was submitted again the last. */
export function slurmTasks(planFile: string): Map<number, QueuedTask> {
  const submissions = submissionsOf(planFile);
  if (submissions.length === 0) return new Map();
  const queue = hasSlurm() ? queuedTasks() : undefined;
  const ended = endedTasks(submissions);
  return new Map(
    submissions.flatMap(({ job, offset, indices, submittedAt }) =>
      indices.map((index): [number, QueuedTask] => {
        const name = `${job}_${index - offset}`;
        const log = logFile(planFile, String(job), String(index - offset));
        const asked = queue
          ? { queued: queue.get(name) }
          : { queued: 'no squeue here to ask', unknownSince: submittedAt };
        return [index, { name, ...asked, ended: ended.get(name), log }];
      }),
    ),
  );
}

/** Takes all of a plan's tasks from Slurm; those at work save and end. Returns the jobs. */
export function cancelSubmissions(planFile: string): number[] {
  const jobs = submissionsOf(planFile).map(({ job }) => job);
  if (jobs.length === 0) return [];
  const left = new Set([...queuedTasks().keys()].map((name) => Number(name.split('_')[0])));
  const queued = jobs.filter((job) => left.has(job));
  if (queued.length > 0) slurm('scancel', queued.map(String));
  for (const job of jobs) rmSync(join(submissionsFolder(planFile), `${job}.json`));
  return queued;
}

/** The file of this process's output, where it is a task of a Slurm array. */
export function slurmLog(planFile: string): string | undefined {
  const { SLURM_ARRAY_JOB_ID: job, SLURM_ARRAY_TASK_ID: task } = process.env;
  return job && task ? logFile(planFile, job, task) : undefined;
}

/** Puts the task that this process is back into Slurm's queue; Slurm ends the process then. */
export function requeueThisTask(): void {
  const { SLURM_ARRAY_JOB_ID: job, SLURM_ARRAY_TASK_ID: task } = process.env;
  if (job && task) slurm('scontrol', ['requeue', `${job}_${task}`]);
}

function hasSlurm(): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, 'squeue')));
}

/** The number of tasks that an array can have. */
function maxArraySize(): number {
  const [, size] = slurm('scontrol', ['show', 'config']).match(/^MaxArraySize\s*=\s*(\d+)/m) ?? [];
  // Slurm's own default.
  return Number(size ?? 1001);
}

/** State and reason of every task of this user in the queue, by `<job>_<task>`. */
function queuedTasks(): ReadonlyMap<string, string> {
  const lines = slurm('squeue', ['--me', '-h', '-r', '-o', '%F_%K|%T|%r']).split('\n');
  return new Map(
    lines.filter(Boolean).map((line) => {
      const [name, state, reason] = line.split('|');
      return [name, reason === 'None' ? state.toLowerCase() : `${state.toLowerCase()}, ${reason}`];
    }),
  );
}

/** How tasks ended; empty where Slurm keeps no accounts. */
function endedTasks(submissions: readonly Submission[]): Map<string, string> {
  const jobs = submissions.map(({ job }) => job).join(',');
  try {
    const lines = execFileSync('sacct', ['-X', '-n', '-P', '-o', 'JobID,State', '-j', jobs], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).split('\n');
    return new Map(lines.filter(Boolean).map((line) => line.split('|') as [string, string]));
  } catch {
    return new Map();
  }
}

function taskCommand(
  planFile: string,
  offset: number,
  { command, taskArguments }: Pick<SubmitOptions, 'command' | 'taskArguments'>,
): string {
  const words = [...command, 'sweep', 'task', resolve(planFile)].map(shellWord);
  const number = offset === 0 ? '"$SLURM_ARRAY_TASK_ID"' : `"$((SLURM_ARRAY_TASK_ID + ${offset}))"`;
  const threads = taskArguments.includes('--threads') ? [] : ['--threads', '"$SLURM_CPUS_ON_NODE"'];
  return [...words, number, ...threads, ...taskArguments.map(shellWord)].join(' ');
}

function submissionsFolder(planFile: string): string {
  return join(sweepFolder(planFile), 'slurm');
}

function logFile(planFile: string, job: string, task: string): string {
  return join(sweepFolder(planFile), 'logs', `slurm-${job}_${task}.log`);
}

/** `logFile` with Slurm's names for the numbers. @throws UserError where Slurm could not expand them. */
function logPattern(planFile: string): string {
  const folder = sweepFolder(planFile);
  if (folder.includes('\\')) {
    throw new UserError(
      `${folder}: Slurm cannot write its output into a folder with a backslash in its name. Keep the plan in another.`,
    );
  }
  return logFile(resolve(planFile).replaceAll('%', '%%'), '%A', '%a');
}

/** @throws UserError with what Slurm's program says. */
function slurm(program: string, args: string[]): string {
  try {
    return execFileSync(program, args, {
      encoding: 'utf8',
      maxBuffer: 1 << 28,
      stdio: ['ignore', 'pipe', 'pipe'],
    }).trim();
  } catch (error) {
    const { code, stderr } = error as NodeJS.ErrnoException & { stderr?: string };
    if (code === 'ENOENT')
      throw new UserError(
        `There is no ${program} here: go to a machine with Slurm, or take --executor local.`,
      );
    throw new UserError(`${program} fails: ${stderr?.trim() || (error as Error).message}`);
  }
}
