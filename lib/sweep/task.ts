import { existsSync } from 'node:fs';
import { startEngine } from '../engine';
import { Interrupted, UserError } from '../errors';
import { acquireRunLock, deadAfterSeconds } from '../run-lock';
import { type ExperimentOptions, notWhole, runDataset, runExperiment } from '../runs';
import { loadPlan, type PlannedRun, type SweepPlan } from './plan';
import { stageDataset } from './stage';
import { type TaskStatus, taskFolder, writeTaskStatus } from './task-status';
import { untilFree } from './until-free';

export interface TaskOptions
  extends Pick<ExperimentOptions, 'signal' | 'workers' | 'onStep' | 'onEpoch' | 'onLinearEpoch' | 'warn'> {
  engine?: string;
  threads?: number;
  data?: string;
  /** A folder on the node's own disk that the dataset is copied to first. */
  scratch?: string;
  /** The file that the output of this process goes to. */
  log?: string;
  /** Seconds to wait for somebody else who works on the run. Default: until one who died counts as dead. */
  patience?: number;
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

/**
 * Makes the record of one run of a plan, unless there is one or somebody else is making it, and keeps its status.
 * @throws UserError where the run fails; the status says why.
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
  const { patience = deadAfterSeconds + 30, signal } = options;
  const lock = await untilFree(patience, signal, () => acquireRunLock(taskFolder(planFile, run.id)));
  if (!lock) return 'elsewhere';
  const report = reporter(planFile, run, options.log ?? null);
  try {
    report('running');
    const outcome = await makeRecord(plan, run, patience, {
      ...options,
      onEpoch: (event) => {
        report('running', null, event.epoch);
        options.onEpoch?.(event);
      },
    });
    if (outcome === 'done') report('done');
    else report('stopped', 'Another process is at work on the run.');
    return outcome;
  } catch (error) {
    report(error instanceof Interrupted ? 'stopped' : 'failed', (error as Error).message);
    throw error;
  } finally {
    lock.release();
  }
}

async function makeRecord(
  { folders }: SweepPlan,
  { config }: PlannedRun,
  patience: number,
  { engine, threads, data, scratch, log: _log, patience: _patience, signal, ...shown }: TaskOptions,
): Promise<TaskOutcome> {
  const place = scratch === undefined ? data : await stageDataset(config.dataset, { data, scratch, signal });
  const { name, version, threads: taken, device } = await startEngine({ engine, threads });
  console.error(`Engine: ${name} (${version}), ${taken} threads on ${device}`);
  const dataset = await runDataset(config, place);
  const short = notWhole(config, dataset);
  if (short) console.error(short);
  const record = await untilFree(patience, signal, () =>
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

/** Writes the status; of an epoch not more often than every few seconds. */
function reporter(
  planFile: string,
  { id, config }: PlannedRun,
  log: string | null,
): (state: TaskStatus['state'], reason?: string | null, epoch?: number) => void {
  const { epochs } = config.training;
  let told = { epoch: 0, at: -Infinity };
  return (state, reason = null, epoch) => {
    if (epoch !== undefined) {
      if (performance.now() - told.at < 5000) return;
      told = { epoch, at: performance.now() };
    }
    const finished = state === 'done' ? epochs : told.epoch;
    writeTaskStatus(planFile, id, { state, reason, log, epoch: finished, epochs });
  };
}
