import os from 'node:os';
import { dirname, join } from 'node:path';
import { BackendWasm, setThreadsCount } from '@tensorflow/tfjs-backend-wasm';
import { OutOfMemory } from '../../core/errors';
import { packageRoot } from '../../core/paths';
import { tf } from '../tf';

/** What is used of the Emscripten module behind TensorFlow.js's WebAssembly backend. */
export interface WasmModule {
  tfjs: Record<string, (...numbers: number[]) => number>;
  wasmMemory: WebAssembly.Memory;
  cwrap(name: string, result: 'number' | null, parameters: 'number'[]): (...numbers: number[]) => number;
  _malloc(bytes: number): number;
  _free(address: number): void;
}

/**
 * Starts TensorFlow.js's WebAssembly backend with threads, which the package itself switches off under Node.
 * @returns the module, for kernels that work in its memory, and the number of threads it really took.
 */
export async function startWasmBackend(threads: number): Promise<{ module: WasmModule; threads: number }> {
  const folder = dirname(require.resolve('@tensorflow/tfjs-backend-wasm/package.json'));
  const script = join(folder, 'wasm-out', 'tfjs-backend-wasm-threaded-simd.js');
  const worker = join(packageRoot, 'engine', 'wasm', 'pthread-worker.cjs');
  // biome-ignore lint/suspicious/noExplicitAny: the backend's own module type is not exported
  const module: any = await withCores(threads * 2, () =>
    withoutNewListeners(() =>
      require(script)({
        locateFile: (file: string) => (file.endsWith('.worker.js') ? worker : join(folder, 'dist', file)),
        mainScriptUrlOrBlob: script,
      }),
    ),
  );
  refuseFullMemory(module);
  module.tfjs = {
    init: module.cwrap('init', null, []),
    initWithThreadsCount: module.cwrap('init_with_threads_count', null, ['number']),
    getThreadsCount: module.cwrap('get_threads_count', 'number', []),
    registerTensor: module.cwrap('register_tensor', null, ['number', 'number', 'number']),
    disposeData: module.cwrap('dispose_data', null, ['number']),
    dispose: module.cwrap('dispose', null, []),
  };
  setThreadsCount(threads);
  const backend = new BackendWasm(module);
  // Idle threads must not keep the process alive.
  const { runningWorkers, unusedWorkers } = module.PThread;
  for (const thread of [...runningWorkers, ...unusedWorkers]) thread.unref();
  tf.removeBackend('wasm');
  tf.registerBackend('wasm', () => backend);
  return { module, threads: module.tfjs.getThreadsCount() };
}

/** The backend takes the address 0, which says that there is no memory left, for a place to write to. */
function refuseFullMemory(module: WasmModule): void {
  // The first call puts another function in this one's place.
  module._free(module._malloc(8));
  const malloc = module._malloc;
  module._malloc = (bytes) => {
    // The allocator takes 2 GB and more for a negative number, and may then give memory that is in use.
    const address = bytes < 2 ** 31 ? malloc(bytes) : 0;
    if (address === 0 && bytes > 0)
      throw new OutOfMemory(`${bytes} more bytes beside the 4 GB that WebAssembly has at most`);
    return address;
  };
}

/**
 * Runs `start` while Node reports the given number of cores: the backend takes half of what it sees, and it
 * looks while it loads.
 */
async function withCores<T>(cores: number, start: () => Promise<T>): Promise<T> {
  const { cpus } = os;
  const [one] = cpus();
  os.cpus = () => Array.from({ length: cores }, () => one);
  try {
    return await start();
  } finally {
    os.cpus = cpus;
  }
}

/** Runs `start` without the listeners it adds: they end the process at any error, also one that has its own. */
function withoutNewListeners<T>(start: () => T): T {
  const events = ['uncaughtException', 'unhandledRejection'] as const;
  const before = events.map((event) => process.rawListeners(event));
  try {
    return start();
  } finally {
    events.forEach((event, i) => {
      for (const listener of process.rawListeners(event))
        if (!before[i].includes(listener)) process.off(event, listener as () => void);
    });
  }
}
