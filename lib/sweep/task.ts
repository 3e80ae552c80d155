import { existsSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { Interrupted, UserError } from '../core/errors';
import { writeFileAtomic } from '../core/files';
import { acquireRunLock, deadAfterSeconds, type LockHolder, runLockHolder } from '../core/lock';
import { startEngine } from '../engine';
import { datasetWarning, type ExperimentOptions, loadDatasetFor, runExperiment } from '../runs';
import { loadPlan, type PlannedRun, type SweepPlan, sweepFolder } from './plan';
import { stageDataset } from './stage';
import { waitForLock } from './wait-for-lock';

export interface TaskOptions
  extends Pick<ExperimentOptions, 'signal' | 'workers' | 'onStep' | 'onEpoch' | 'onLinearEpoch' | 'warn'> {
  engine?: string;
  threads?: number;
  precision?: string;
  data?: string;
  /** A folder on the node's own disk that the dataset is copied to first. */
  scratch?: string;
  /** The file that the output of this process goes to. */
  log?: string;
  /** Seconds to wait for somebody else who works on the run. Default: until one who died counts as dead. */
  waitSeconds?: number;
}

/**
 * `done`: it has a record, of this task or another; `elsewhere`: somebody else is at work on it.
 */
export type TaskOutcome = 'done' | 'elsewhere';

/** The run of a number. @throws UserError where the plan has none. */
export function runAt(plan: SweepPlan, index: number): PlannedRun {
  const run = plan.runs[index];
  if (run) return run;
  throw new UserError(`The plan has no run ${index}: its ${plan.runs.length} runs count from 0.`);
}

/** So many attempts may run out of time one after the other without a step of the training. */
const fruitlessAttempts = 2;

/**
 * Makes the record of one run of a plan, unless there is one or somebody else is making it, and keeps its status.
 * @throws UserError where the run fails, or its time ran out twice (SIGUSR1) without a step; the status says why.
 * @throws Interrupted when `signal` ends it; the run goes on from its checkpoint next time.
 */
export async function runTask(
  planFile: string,
  index: number,
  options: TaskOptions = {},
): Promise<TaskOutcome> {
  const plan = loadPlan(planFile);
  const run = runAt(plan, index);
  if (existsSync(run.record)) return 'done';
  const { waitSeconds = deadAfterSeconds + 30, signal } = options;
  const lock = await waitForLock(waitSeconds, signal, () => acquireRunLock(taskFolder(planFile, run.id)));
  if (!lock) return 'elsewhere';
  const report = reporter(planFile, run, options);
  const before = readTaskStatus(planFile, run.id)?.fruitless ?? 0;
  let trained = false;
  try {
    report('running', { fruitless: before });
    const outcome = await makeRecord(plan, run, waitSeconds, {
      ...options,
      onStep: (event) => {
        trained = true;
        options.onStep?.(event);
      },
      onEpoch: (event) => {
        report('running', { epoch: event.epoch });
        options.onEpoch?.(event);
      },
    });
    if (outcome === 'done') report('done');
    else report('stopped', { reason: 'Another process is at work on the run.' });
    return outcome;
  } catch (error) {
    const stopped = error instanceof Interrupted;
    const fruitless = stopped && signal?.reason === 'SIGUSR1' && !trained ? before + 1 : 0;
    if (fruitless === fruitlessAttempts) {
      const failure = tooLittleTime(planFile, error as Interrupted);
      report('failed', { reason: failure.message });
      throw failure;
    }
    report(stopped ? 'stopped' : 'failed', { reason: (error as Error).message, fruitless });
    throw error;
  } finally {
    lock.release();
  }
}

function tooLittleTime(planFile: string, { message }: Interrupted): UserError {
  return new UserError(
    `The time limit ended ${fruitlessAttempts} attempts in a row before they made a step of the training: the copy to ` +
      'scratch and the evaluation begin anew each time and have to fit in. Give a longer one: ' +
      `npx mnn sweep retry ${planFile} --time <limit>. The last said: ${message}`,
  );
}

async function makeRecord(
  { folders }: SweepPlan,
  { config }: PlannedRun,
  waitSeconds: number,
  { engine, threads, precision, data, scratch, log: _log, waitSeconds: _wait, signal, ...shown }: TaskOptions,
): Promise<TaskOutcome> {
  const place = scratch === undefined ? data : await stageDataset(config.dataset, { data, scratch, signal });
  const {
    name,
    version,
    threads: taken,
    device,
  } = await startEngine({
    engine,
    threads,
    precision,
    say: shown.warn,
  });
  console.error(`Engine: ${name} (${version}), ${taken} threads on ${device}`);
  const dataset = await loadDatasetFor(config, place);
  const short = datasetWarning(config, dataset);
  if (short) console.error(short);
  const record = await waitForLock(waitSeconds, signal, () =>
    runExperiment(config, dataset, {
      ...shown,
      signal,
      runsFolder: folders.runs,
      recordsFolder: folders.records,
      unlessRecorded: true,
    }),
  );
  return record ? 'done' : 'elsewhere';
}

interface Told {
  reason?: string | null;
  epoch?: number;
  fruitless?: number;
}

/** Writes the status, of an epoch not more often than every few seconds; where it cannot, warns once and goes on. */
function reporter(
  planFile: string,
  { id, config }: PlannedRun,
  { log = null, warn }: { log?: string | null; warn?: (message: string) => void },
): (state: TaskStatus['state'], told?: Told) => void {
  const { epochs } = config.training;
  let last = { epoch: 0, at: -Infinity };
  let warned = false;
  return (state, { reason = null, epoch, fruitless = 0 } = {}) => {
    if (epoch !== undefined) {
      if (performance.now() - last.at < 5000) return;
      last = { epoch, at: performance.now() };
    }
    const finished = state === 'done' ? epochs : last.epoch;
    try {
      writeTaskStatus(planFile, id, { state, reason, log, epoch: finished, epochs, fruitless });
    } catch (error) {
      if (!warned) warn?.(`The sweep's status does not show this task: ${(error as Error).message}`);
      warned = true;
    }
  };
}

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
