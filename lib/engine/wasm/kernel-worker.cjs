// A thread of our own kernels: takes tasks of the job at hand until none is left, then waits for the next job.
// `ThreadPool` of pool.ts explains the control words.
const { workerData } = require('node:worker_threads');
const { compiled, memory, address, words, names, thread } = workerData;

const control = new Int32Array(memory.buffer, address, words);
const numbers = new Float64Array(memory.buffer, address + 4 * words, 40);
const kernels = new WebAssembly.Instance(compiled, { env: { memory } }).exports;
const [CLAIM, DONE, KERNEL, COUNT, FAILED] = [0, 1, 2, 3, 4];
const SPINS = 20000;

/** The next task of a job, or -1 when it has none left or is over. */
function claim(job) {
  for (;;) {
    const word = Atomics.load(control, CLAIM);
    if (word >>> 16 !== job || (word & 0xffff) === 0) return -1;
    if (Atomics.compareExchange(control, CLAIM, word, word - 1) === word) return (word & 0xffff) - 1;
  }
}

/** Waits until the claim word has tasks, first awake, since jobs follow closely on one another. */
function waitForJob() {
  for (let i = 0; i < SPINS; i++) {
    const word = Atomics.load(control, CLAIM);
    if ((word & 0xffff) !== 0) return word >>> 16;
  }
  for (;;) {
    const word = Atomics.load(control, CLAIM);
    if ((word & 0xffff) !== 0) return word >>> 16;
    Atomics.wait(control, CLAIM, word);
  }
}

for (;;) {
  const job = waitForJob();
  const kernel = kernels[names[Atomics.load(control, KERNEL)]];
  const args = Array.from(numbers.subarray(0, Atomics.load(control, COUNT)));
  for (let task = claim(job); task >= 0; task = claim(job)) {
    try {
      kernel(task, thread, ...args);
    } catch {
      // Told to the main thread, which waits for this task and hears no events while it does.
      Atomics.add(control, FAILED, 1);
    }
    Atomics.add(control, DONE, 1);
    Atomics.notify(control, DONE);
  }
}
