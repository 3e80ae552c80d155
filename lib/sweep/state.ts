import { existsSync, readdirSync } from 'node:fs';
import { basename } from 'node:path';
import { asUserError } from '../core/files';
import type { PlannedRun, SweepPlan } from './plan';
import type { QueuedTask } from './slurm';
import { readTaskStatus, runHolder } from './task';

/**
 * `done`: it has a record; `running`: a process is at work on it; `queued`: Slurm has it; `stopped`: it goes on from
 * its checkpoint; `waiting`: nobody has begun it.
 */
export type SweepState = 'done' | 'running' | 'queued' | 'failed' | 'stopped' | 'waiting';
export const sweepStates: readonly SweepState[] = [
  'done',
  'running',
  'queued',
  'stopped',
  'waiting',
  'failed',
];

export interface RunStatus {
  /** Its number in the plan. */
  index: number;
  id: string;
  state: SweepState;
  /** Where it runs and how far it is, or why it failed. */
  detail: string;
  log: string | null;
}

/**
 * The state of every run of a plan, from records, locks and what tasks wrote.
 * @param tasks what Slurm was given of the plan, by a run's number.
 */
export function sweepStatus(
  planFile: string,
  plan: SweepPlan,
  tasks: ReadonlyMap<number, QueuedTask> = new Map(),
): RunStatus[] {
  const { records } = plan.folders;
  // One look at the folder: on a shared one a question for every file takes long.
  const files = new Set(existsSync(records) ? readdirSync(records) : []);
  return plan.runs.map((run, index) => {
    const recorded = files.has(basename(run.record));
    return { index, id: run.id, ...readableState(planFile, plan, run, recorded, tasks.get(index)) };
  });
}

/** One run that cannot be looked at does not hide the others. */
function readableState(...about: Parameters<typeof stateOf>): ReturnType<typeof stateOf> {
  try {
    return stateOf(...about);
  } catch (error) {
    return { state: 'failed', detail: asUserError(error).message, log: null };
  }
}

function stateOf(
  planFile: string,
  plan: SweepPlan,
  run: PlannedRun,
  recorded: boolean,
  task: QueuedTask | undefined,
): Pick<RunStatus, 'state' | 'detail' | 'log'> {
  const status = readTaskStatus(planFile, run.id);
  const log = status?.log ?? task?.log ?? null;
  if (recorded) return { state: 'done', detail: '', log };
  const holder = runHolder(planFile, plan, run);
  if (holder) {
    const progress = status?.state === 'running' ? `, epoch ${status.epoch}/${status.epochs}` : '';
    return { state: 'running', detail: `on ${holder.host}${progress}`, log };
  }
  const toldSince = status && task?.unknownSince !== undefined && status.at > task.unknownSince;
  if (task?.queued && !toldSince)
    return { state: 'queued', detail: `Slurm ${task.name}: ${task.queued}`, log };
  if (status?.state === 'stopped') return { state: 'stopped', detail: status.reason ?? '', log };
  if (status?.state === 'failed') return { state: 'failed', detail: status.reason ?? '', log };
  if (status?.state === 'done')
    return { state: 'waiting', detail: `It was done ${status.at}, but its record is gone.`, log };
  if (status) return { state: 'failed', detail: diedOf(task, `on ${status.host}`), log };
  return task
    ? { state: 'failed', detail: diedOf(task, 'before it began'), log }
    : { state: 'waiting', detail: '', log };
}

function diedOf(task: QueuedTask | undefined, where: string): string {
  const told = task?.ended ? ` Slurm says ${task.ended}.` : ' Out of memory, killed, or a lost machine?';
  return `The process ended ${where} without a word.${told}`;
}
