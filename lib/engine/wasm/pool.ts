import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { UserError } from '../../core/errors';
import { packageRoot } from '../../core/paths';
import type { WasmModule } from './backend';
import { compileKernels } from './binary';

/** Functions of the kernels' binary that do one task of a job: (task, thread, ...numbers). */
type TaskName =
  | 'addShares'
  | 'batchNorm'
  | 'batchNormGradient'
  | 'batchNormInference'
  | 'convolve'
  | 'filterGradient'
  | 'filterGradientOfSamples'
  | 'inputGradient'
  | 'maxPoolGradient'
  | 'movingAverage'
  | 'packPanel'
  | 'sgdStep'
  | 'turnFilter'
  | 'winogradAddShares'
  | 'winogradConvolve'
  | 'winogradFilter'
  | 'winogradFilterGradient';
/** Functions of the kernels' binary that the main thread calls. */
type PlainName = 'addGroups' | 'batchNormTasks' | 'moveRunning' | 'roundingOfSquare' | 'winogradRoom';

type Compiled = Record<TaskName | PlainName, (...numbers: number[]) => number>;

const [CLAIM, DONE, KERNEL, COUNT, FAILED] = [0, 1, 2, 3, 4];
const controlWords = 6;
const controlBytes = 4 * controlWords + 40 * 8;
/** Milliseconds without a finished task after which a thread is taken for dead; tasks take milliseconds. */
const defaultTimeoutMs = 5 * 60_000;
const maxTasks = 0xffff;

/**
 * Our kernels on several threads. A job is a kernel, its numbers and a count of tasks; all threads, the calling
 * one among them, take its tasks until none is left. No task depends on which thread takes it, and so results
 * do not depend on the number of threads.
 *
 * Control words, in the backend's memory: CLAIM holds the job's number in its upper half and the tasks that
 * nobody took in its lower half; DONE counts finished tasks; KERNEL and COUNT say which function and how many
 * numbers follow; FAILED counts tasks that ended in a trap. A thread that wakes late finds another job's number in
 * CLAIM and takes nothing.
 */
export class ThreadPool {
  readonly compiled: Compiled;
  private readonly control: Int32Array;
  private readonly numbers: Float64Array;
  private readonly names: string[];
  private job = 0;

  constructor(
    wasm: WasmModule,
    readonly threads: number,
    private readonly timeoutMs = defaultTimeoutMs,
  ) {
    const memory = wasm.wasmMemory;
    const module = compileKernels();
    const instance = new WebAssembly.Instance(module, { env: { memory } });
    this.compiled = instance.exports as unknown as Compiled;
    this.names = Object.keys(this.compiled);
    const address = wasm._malloc(controlBytes);
    this.control = new Int32Array(memory.buffer, address, controlWords);
    this.control.fill(0);
    this.numbers = new Float64Array(memory.buffer, address + 4 * controlWords, 40);
    for (let thread = 1; thread < threads; thread++) {
      const workerData = {
        compiled: module,
        memory,
        address,
        words: controlWords,
        names: this.names,
        thread,
      };
      const script = join(packageRoot, 'engine', 'wasm', 'kernel-worker.cjs');
      // Idle threads must not keep the process alive.
      new Worker(script, { workerData, execArgv: [] }).unref();
    }
  }

  /** Whether the kernels round a product and its sum once, which gives other bits than rounding both. */
  get fused(): boolean {
    return this.compiled.roundingOfSquare(1 + 2 ** -12) !== 0;
  }

  /**
   * Does all tasks of a job.
   * @throws UserError if one of them ends in a trap, or the thread that took it does not answer any more. Before,
   *   all others are over, so that memory can be given back.
   */
  run(name: TaskName, tasks: number, ...numbers: number[]): void {
    if (tasks > maxTasks) throw new Error(`${name} in ${tasks} tasks: use a smaller batch.`);
    const kernel = this.compiled[name];
    if (tasks === 1 || this.threads === 1) {
      try {
        for (let task = 0; task < tasks; task++) kernel(task, 0, ...numbers);
      } catch (error) {
        throw broken(`${name} failed (${(error as Error).message})`);
      }
      return;
    }
    const { control } = this;
    this.job = (this.job + 1) & 0xffff;
    this.numbers.set(numbers);
    Atomics.store(control, KERNEL, this.names.indexOf(name));
    Atomics.store(control, COUNT, numbers.length);
    Atomics.store(control, DONE, 0);
    Atomics.store(control, FAILED, 0);
    Atomics.store(control, CLAIM, (this.job << 16) | tasks);
    Atomics.notify(control, CLAIM);
    for (let task = this.claim(); task >= 0; task = this.claim()) {
      try {
        kernel(task, 0, ...numbers);
      } catch {
        Atomics.add(control, FAILED, 1);
      }
      Atomics.add(control, DONE, 1);
    }
    this.waitFor(name, tasks);
    const failed = Atomics.load(control, FAILED);
    if (failed > 0) throw broken(`${failed} of ${tasks} tasks of ${name} failed`);
  }

  private claim(): number {
    const { control } = this;
    for (;;) {
      const word = Atomics.load(control, CLAIM);
      const left = word & 0xffff;
      if (left === 0) return -1;
      if (Atomics.compareExchange(control, CLAIM, word, word - 1) === word) return left - 1;
    }
  }

  private waitFor(name: TaskName, tasks: number): void {
    for (let spins = 0; Atomics.load(this.control, DONE) < tasks; spins++) {
      if (spins <= 2000) continue;
      const done = Atomics.load(this.control, DONE);
      if (done < tasks && Atomics.wait(this.control, DONE, done, this.timeoutMs) === 'timed-out')
        throw broken(`a thread did not answer for ${this.timeoutMs / 1000} s in ${name}`);
    }
  }
}

function broken(what: string): UserError {
  return new UserError(
    `The WebAssembly engine broke down: ${what}. Start again: a run goes on from its last checkpoint. If that ` +
      'happens twice, take another engine (--engine), or one thread (--threads 1).',
  );
}
