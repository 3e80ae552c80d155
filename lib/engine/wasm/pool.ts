import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { packageRoot } from '../../package-root';
import type { WasmModule } from './backend';

/** Functions of kernels.wasm that do one task of a job: (task, thread, ...numbers). */
type TaskName =
  | 'addShares'
  | 'batchNorm'
  | 'batchNormGradient'
  | 'batchNormInference'
  | 'convolve'
  | 'filterGradient'
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
/** Functions of kernels.wasm that the main thread calls. */
type PlainName = 'addGroups' | 'batchNormTasks' | 'moveRunning' | 'winogradRoom';

type Compiled = Record<TaskName | PlainName, (...numbers: number[]) => number>;

const [CLAIM, DONE, KERNEL, COUNT] = [0, 1, 2, 3];
const controlBytes = 16 + 40 * 8;
const mostTasks = 0xffff;

/**
 * Our kernels on several threads. A job is a kernel, its numbers and a count of tasks; all threads, the calling
 * one among them, take its tasks until none is left. No task depends on which thread takes it, and so results
 * do not depend on the number of threads.
 *
 * Control words, in the backend's memory: CLAIM holds the job's number in its upper half and the tasks that
 * nobody took in its lower half; DONE counts finished tasks; KERNEL and COUNT say which function and how many
 * numbers follow. A thread that wakes late finds another job's number in CLAIM and takes nothing.
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
  ) {
    const memory = wasm.wasmMemory;
    const binary = readFileSync(join(packageRoot, 'engine', 'wasm', 'kernels.wasm'));
    const module = new WebAssembly.Module(binary);
    const instance = new WebAssembly.Instance(module, { env: { memory } });
    this.compiled = instance.exports as unknown as Compiled;
    this.names = Object.keys(this.compiled);
    const address = wasm._malloc(controlBytes);
    this.control = new Int32Array(memory.buffer, address, 4);
    this.control.fill(0);
    this.numbers = new Float64Array(memory.buffer, address + 16, 40);
    for (let thread = 1; thread < threads; thread++) {
      const workerData = { compiled: module, memory, address, names: this.names, thread };
      const script = join(packageRoot, 'engine', 'wasm', 'kernel-worker.cjs');
      // Idle threads must not keep the process alive.
      new Worker(script, { workerData, execArgv: [] }).unref();
    }
  }

  /** Does all tasks of a job. */
  run(name: TaskName, tasks: number, ...numbers: number[]): void {
    if (tasks > mostTasks) throw new Error(`${name} in ${tasks} tasks: use a smaller batch.`);
    const kernel = this.compiled[name];
    if (tasks === 1 || this.threads === 1) {
      for (let task = 0; task < tasks; task++) kernel(task, 0, ...numbers);
      return;
    }
    const { control } = this;
    this.job = (this.job + 1) & 0xffff;
    this.numbers.set(numbers);
    Atomics.store(control, KERNEL, this.names.indexOf(name));
    Atomics.store(control, COUNT, numbers.length);
    Atomics.store(control, DONE, 0);
    Atomics.store(control, CLAIM, (this.job << 16) | tasks);
    Atomics.notify(control, CLAIM);
    for (let task = this.claim(); task >= 0; task = this.claim()) {
      kernel(task, 0, ...numbers);
      Atomics.add(control, DONE, 1);
    }
    this.waitFor(tasks);
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

  private waitFor(tasks: number): void {
    for (let spins = 0; Atomics.load(this.control, DONE) < tasks; spins++) {
      if (spins > 2000) {
        const done = Atomics.load(this.control, DONE);
        if (done < tasks) Atomics.wait(this.control, DONE, done);
      }
    }
  }
}
