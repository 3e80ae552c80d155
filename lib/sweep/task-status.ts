import { existsSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { writeFileAtomic } from '../core/files';
import { type LockHolder, runLockHolder } from '../core/lock';
import { type PlannedRun, type SweepPlan, sweepFolder } from './plan';

const taskStatusSchema = z.strictObject({
  /** Whether it is over, and how; `running` also of one that was killed and could not say so. */
  state: z.enum(['running', 'done', 'stopped', 'failed']),
  /** Why it stopped or failed. */
  reason: z.string().nullable(),
  host: z.string(),
  pid: z.int().positive(),
  at: z.iso.datetime(),
  /** Where its output goes; null where it goes to whoever started it. */
  log: z.string().nullable(),
  /** Epochs finished of all. */
  epoch: z.int().nonnegative(),
  epochs: z.int().nonnegative(),
  /** How often in a row, to the last, time ran out before a step of the training was made. */
  fruitless: z.int().nonnegative(),
});

/** The last that a task wrote about a run. */
export type TaskStatus = z.infer<typeof taskStatusSchema>;

/** Where the tasks of a run keep its status, and the lock of the one that is at work. */
export function taskFolder(planFile: string, id: string): string {
  return join(sweepFolder(planFile), 'tasks', id);
}

/** The status of a run's last task; undefined where none has begun, or the file is damaged. */
export function readTaskStatus(planFile: string, id: string): TaskStatus | undefined {
  const file = statusFile(planFile, id);
  if (!existsSync(file)) return undefined;
  try {
    return taskStatusSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    // Every task writes it anew, and nothing but what is shown depends on it.
    return undefined;
  }
}

export function writeTaskStatus(
  planFile: string,
  id: string,
  status: Omit<TaskStatus, 'host' | 'pid' | 'at'>,
): void {
  const whole: TaskStatus = {
    ...status,
    host: hostname(),
    pid: process.pid,
    at: new Date().toISOString(),
  };
  writeFileAtomic(statusFile(planFile, id), `${JSON.stringify(whole)}\n`);
}

/** Who works on a run now: a task of this sweep, or anybody who has taken the run's own folder. */
export function runHolder(
  planFile: string,
  { folders }: SweepPlan,
  { id }: PlannedRun,
): LockHolder | undefined {
  return runLockHolder(taskFolder(planFile, id)) ?? runLockHolder(join(folders.runs, id));
}

function statusFile(planFile: string, id: string): string {
  return join(taskFolder(planFile, id), 'status.json');
}
