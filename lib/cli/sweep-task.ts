import { Interrupted } from '../core/errors';
import { datasetName } from '../data';
import { findMethod } from '../methods';
import { loadPlan, requeueThisTask, runAt, runTask, slurmLog, type TaskUpdate } from '../sweep';
import { loadMethods } from './load-methods';
import type { MachineOptions } from './options';
import { abortOnSignals, RunProgress } from './progress';

export interface TaskGiven
  extends Pick<MachineOptions, 'engine' | 'threads' | 'precision' | 'workers' | 'data'> {
  scratch?: string;
  log?: string;
}

/** One task of a sweep, from beginning to end. In Slurm it goes back into the queue when its time runs out. */
export async function sweepTask(planFile: string, index: number, given: TaskGiven): Promise<void> {
  const signal = process.send ? stopWithParent() : abortOnSignals();
  const plan = loadPlan(planFile);
  loadMethods(plan.load);
  const { id, config } = runAt(plan, index);
  const progress = new RunProgress(`${findMethod(config.method).title} on ${datasetName(config.dataset)}`);
  const { onStep, onEpoch, onLinearEpoch } = progress;
  try {
    const outcome = await runTask(planFile, index, {
      ...given,
      log: given.log ?? slurmLog(planFile),
      // The sweep that started this process looks again by itself.
      waitSeconds: process.send ? 0 : undefined,
      signal,
      warn: (message) => console.error(message),
      onStep: process.send ? sendToParent : onStep,
      onEpoch,
      onLinearEpoch,
    });
    console.error(outcome === 'done' ? `${id} has its record.` : `${id}: another process is at work on it.`);
  } catch (error) {
    if (error instanceof Interrupted && signal.reason === 'SIGUSR1') requeueThisTask();
    throw error;
  } finally {
    progress.stop();
    if (process.connected) process.disconnect();
  }
}

/** Ends with the sweep that started this process, which alone hears Ctrl-C or a closed terminal: whatever it hears, the run is saved. */
function stopWithParent(): AbortSignal {
  const controller = new AbortController();
  const stop = () => controller.abort('SIGTERM');
  process.on('disconnect', stop);
  process.on('SIGTERM', stop);
  for (const signal of ['SIGINT', 'SIGHUP']) process.on(signal, () => {});
  if (!process.connected) stop();
  return controller.signal;
}

let toldAt = 0;

function sendToParent({ step, steps, epoch, epochs, imagesPerSecond }: TaskUpdate): void {
  const now = performance.now();
  if (!process.connected || (now - toldAt < 500 && step < steps)) return;
  toldAt = now;
  const news: TaskUpdate = { step, steps, epoch, epochs, imagesPerSecond };
  // Without a callback, a parent that has ended a moment ago ends this process too.
  process.send?.(news, undefined, undefined, () => {});
}
