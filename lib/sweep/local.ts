import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { closeSync, existsSync, mkdirSync, openSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { visibleNames } from '../core/files';
import { acquireRunLock, type LockHolder, runLockHolder } from '../core/lock';
import { loadPlan, type PlannedRun, type SweepPlan, sweepFolder } from './plan';
import { readTaskStatus, runHolder } from './task';

/** What a task tells the sweep that started it. */
export interface TaskUpdate {
  step: number;
  steps: number;
  epoch: number;
  epochs: number;
  imagesPerSecond: number;
}

export interface LocalOptions {
  /** What starts the command line, and the options of a task. */
  command: readonly string[];
  taskArguments: readonly string[];
  /** Processes at once. */
  parallel: number;
  /** Numbers of the GPUs that they share; empty without GPUs. */
  gpus: readonly string[];
  /** Ends the sweep: what is at work saves and ends. */
  signal?: AbortSignal;
  onStart?: (run: PlannedRun) => void;
  onUpdate?: (run: PlannedRun, news: TaskUpdate) => void;
  onEnd?: (run: PlannedRun, end: RunEnd) => void;
}

/** How a run of a local sweep ended. */
export interface RunEnd {
  state: 'done' | 'failed' | 'stopped';
  seconds: number;
  /** Why it failed, and where its output is. */
  reason: string | null;
  log: string;
}

/** Bytes of memory that a process may need: the paper's network takes 3.4 GB in training. */
const processBytes = 4 * 2 ** 30;
const pollMilliseconds = 2000;

/** The numbers of the GPUs here: those of CUDA_VISIBLE_DEVICES, else all that nvidia-smi lists. */
export function listGpus(): string[] {
  const chosen = process.env.CUDA_VISIBLE_DEVICES;
  if (chosen !== undefined) return visibleGpus(chosen);
  try {
    const text = execFileSync('nvidia-smi', ['--query-gpu=index', '--format=csv,noheader'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return text
      .split('\n')
      .map((line) => line.trim())
      .filter(Boolean);
  } catch {
    return [];
  }
}

/** As CUDA reads the list: the first that names no GPU, -1 or NoDevFiles for example, ends it. */
function visibleGpus(list: string): string[] {
  const names = list.split(',').map((name) => name.trim());
  const end = names.findIndex((name) => !/^(\d+|(GPU|MIG)-.+)$/.test(name));
  return end < 0 ? names : names.slice(0, end);
}

/** As many processes as there are GPUs, or cores with memory for a network each. */
export function defaultParallel(gpus: readonly string[]): number {
  if (gpus.length > 0) return gpus.length;
  return Math.max(1, Math.min(availableParallelism(), Math.floor(memoryHere() / processBytes)));
}

/** Bytes, of the machine or the container that this is in. */
function memoryHere(): number {
  // 0 where nothing is known; more than there is where there is no limit.
  return Math.min(totalmem(), process.constrainedMemory() || Infinity);
}

/** Threads for each of so many processes. */
export function threadsFor(parallel: number): number {
  return Math.max(1, Math.floor(availableParallelism() / parallel));
}

/**
 * Runs tasks of a plan as processes of their own, several at once, until each has a record or has failed. What
 * somebody else is at work on is waited for, and run where they leave it.
 * @returns how many failed.
 */
export async function sweepLocally(
  planFile: string,
  indices: readonly number[],
  options: LocalOptions,
): Promise<number> {
  const lock = acquireRunLock(join(executorsFolder(planFile), randomUUID()));
  try {
    return await new LocalSweep(planFile, loadPlan(planFile), [...indices], options).run();
  } finally {
    lock.release();
  }
}

/** The processes that sweep a plan by themselves, on any machine. */
export function localSweeps(planFile: string): LockHolder[] {
  const folder = executorsFolder(planFile);
  if (!existsSync(folder)) return [];
  return visibleNames(folder).flatMap((name) => runLockHolder(join(folder, name)) ?? []);
}

class LocalSweep {
  private readonly atWork = new Map<number, Promise<void>>();
  private readonly freeSlots: number[];
  private failed = 0;

  constructor(
    private readonly planFile: string,
    private readonly plan: SweepPlan,
    private readonly pending: number[],
    private readonly options: LocalOptions,
  ) {
    this.freeSlots = Array.from({ length: options.parallel }, (_, slot) => slot);
  }

  async run(): Promise<number> {
    const { signal } = this.options;
    while (this.pending.length + this.atWork.size > 0) {
      if (!signal?.aborted) this.fill();
      else if (this.atWork.size === 0) break;
      // Without anything at work, all that is left is somebody else's.
      if (this.atWork.size > 0) await Promise.race(this.atWork.values());
      else if (this.pending.length > 0) await sleep(pollMilliseconds, undefined, { signal }).catch(() => {});
    }
    return this.failed;
  }

  private fill(): void {
    while (this.freeSlots.length > 0) {
      const index = this.takeFree();
      if (index === undefined) return;
      const slot = this.freeSlots.shift()!;
      const work = this.start(index, slot).then(() => {
        this.atWork.delete(index);
        this.freeSlots.push(slot);
      });
      this.atWork.set(index, work);
    }
  }

  /** The first pending run that nobody is at work on; those with a record are over. */
  private takeFree(): number | undefined {
    for (const index of [...this.pending]) {
      const run = this.plan.runs[index];
      const recorded = existsSync(run.record);
      if (!recorded && runHolder(this.planFile, this.plan, run)) continue;
      this.pending.splice(this.pending.indexOf(index), 1);
      if (!recorded) return index;
    }
    return undefined;
  }

  private async start(index: number, slot: number): Promise<void> {
    const { planFile, options } = this;
    const run = this.plan.runs[index];
    const log = join(sweepFolder(planFile), 'logs', `${run.id}.log`);
    options.onStart?.(run);
    const began = performance.now();
    const { pid, code } = await this.process(index, slot, run, log);
    const ended = (state: RunEnd['state'], reason: string | null = null) =>
      options.onEnd?.(run, { state, reason, log, seconds: (performance.now() - began) / 1000 });
    if (existsSync(run.record)) return ended('done');
    if (options.signal?.aborted) return ended('stopped');
    if (code === 0) {
      // Somebody else took it in the meantime.
      this.pending.push(index);
      return ended('stopped', 'another process is at work on it');
    }
    this.failed += 1;
    const status = readTaskStatus(planFile, run.id);
    // One that died before it could say why leaves what an earlier one said.
    const said = status?.state === 'failed' && status.pid === pid ? status.reason : undefined;
    ended('failed', said ?? `its process ended with ${code}`);
  }

  /** Runs a task in a process of its own; the channel to it tells each of the other's end. */
  private process(
    index: number,
    slot: number,
    run: PlannedRun,
    log: string,
  ): Promise<{ pid: number | undefined; code: number | NodeJS.Signals | null }> {
    const { command, taskArguments, gpus, signal, onUpdate } = this.options;
    const [program, ...first] = command;
    const gpu = gpus[slot % gpus.length];
    mkdirSync(join(log, '..'), { recursive: true });
    const output = openSync(log, 'a');
    const words = [...first, 'sweep', 'task', this.planFile, String(index), '--log', log, ...taskArguments];
    const child = spawn(program, words, {
      stdio: ['ignore', output, output, 'ipc'],
      env: { ...process.env, ...(gpu !== undefined && { CUDA_VISIBLE_DEVICES: gpu }) },
    });
    closeSync(output);
    const stop = () => endTask(child);
    signal?.addEventListener('abort', stop);
    child.on('message', (news) => onUpdate?.(run, news as TaskUpdate));
    return new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('exit', (code, killedBy) => {
        signal?.removeEventListener('abort', stop);
        resolve({ pid: child.pid, code: code ?? killedBy });
      });
    });
  }
}

function endTask(child: ChildProcess): void {
  if (child.connected) child.disconnect();
}

function executorsFolder(planFile: string): string {
  return join(sweepFolder(planFile), 'local');
}
