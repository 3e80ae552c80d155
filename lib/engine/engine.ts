import { availableParallelism } from 'node:os';
import { UserError, unknownName } from '../core/errors';
import { readChoice } from './install/choice';
import type { Kernels } from './kernels/kernels';
import { plainKernels } from './kernels/plain';
import { compiledKernels } from './native/compiled';
import { nativeKernels } from './native/kernels';
import { loadNative } from './native/load';
import { tf } from './tf';
import { startWasmBackend } from './wasm/backend';
import { wasmKernels } from './wasm/kernels';
import { startWebgpuBackend } from './webgpu/backend';
import { webgpuKernels } from './webgpu/kernels';

/** The engines from the fastest to the slowest. */
export const engineNames = ['native', 'webgpu', 'wasm', 'cpu'] as const;
export type EngineName = (typeof engineNames)[number];

/**
 * What 'auto' tries in turn: a GPU goes before the processor, whatever drives it. WebGPU on a driver that
 * computes on the processor is slower than any other engine and never taken by itself.
 */
const ladder: { name: EngineName; gpu: boolean }[] = [
  { name: 'native', gpu: true },
  { name: 'webgpu', gpu: true },
  { name: 'native', gpu: false },
  { name: 'wasm', gpu: false },
  { name: 'cpu', gpu: false },
];

/** A started engine: everything that computes goes through `kernels` and the one `tf`. */
export interface Engine {
  name: EngineName;
  /** The package and version behind it, as results record it. */
  version: string;
  threads: number;
  /** Which device computes, for example 'CPU' or a GPU's name. */
  device: string;
  /** Whether that is a GPU. */
  gpu: boolean;
  kernels: Kernels;
}

export interface EngineOptions {
  /** An engine's name, or 'auto' for the fastest that starts. Default: as `defaultEngine` says. */
  engine?: string;
  /** Threads to compute with. Default: the variable MNN_THREADS, else all cores. */
  threads?: number;
}

let current: Engine | undefined;
const started = new Map<EngineName, Engine>();

/**
 * Starts an engine, or goes on with one that was started before; its number of threads stays.
 * @throws UserError if the engine is unknown, or if it was asked for by name and does not start.
 */
export async function startEngine(options: EngineOptions = {}): Promise<Engine> {
  const wanted = options.engine ?? defaultEngine();
  if (wanted !== 'auto' && !engineNames.includes(wanted as EngineName)) {
    throw unknownName('engine', wanted, ['auto', ...engineNames]);
  }
  if (current && (wanted === 'auto' || wanted === current.name)) return current;
  const threads = threadCount(options.threads);
  const rungs = wanted === 'auto' ? ladder : [{ name: wanted as EngineName, gpu: undefined }];
  const reasons = new Map<EngineName, string>();
  for (const { name, gpu } of rungs) {
    if (reasons.has(name)) continue;
    try {
      const engine = started.get(name) ?? (await starters[name](threads));
      started.set(name, engine);
      if (gpu !== undefined && gpu !== engine.gpu) continue;
      await tf.setBackend(backendNames[name]);
      current = engine;
      return current;
    } catch (error) {
      reasons.set(name, `${name}: ${(error as Error).message}`);
    }
  }
  throw new UserError(
    `Engine '${wanted}' does not start.\n${[...reasons.values()].join('\n')}\nRun \`npx mnn doctor\` for what to do about it.`,
  );
}

/** Which of the started engines 'auto' takes; undefined if none of them. */
export function fastest(engines: Engine[]): Engine | undefined {
  const rung = ladder.find(({ name, gpu }) => engines.some((e) => e.name === name && e.gpu === gpu));
  return engines.find(({ name }) => name === rung?.name);
}

/** What runs where no engine is named: the variable MNN_ENGINE, else the choice of `mnn engine use`, else 'auto'. */
export function defaultEngine(): string {
  return process.env.MNN_ENGINE ?? readChoice() ?? 'auto';
}

/** The engine that was started. @throws Error if none was. */
export function currentEngine(): Engine {
  if (!current) throw new Error('No engine runs yet: call `await startEngine()` first.');
  return current;
}

function threadCount(given: number | undefined): number {
  const threads = given ?? Number(process.env.MNN_THREADS ?? availableParallelism());
  if (!Number.isInteger(threads) || threads < 1) {
    throw new UserError(`${given ?? process.env.MNN_THREADS} is no number of threads: give 1 or more.`);
  }
  return threads;
}

/** TensorFlow.js's names of the engines' backends. */
const backendNames: Record<EngineName, string> = {
  native: 'tensorflow',
  webgpu: 'webgpu',
  wasm: 'wasm',
  cpu: 'cpu',
};

const starters: Record<EngineName, (threads: number) => Promise<Engine>> = {
  async native(threads) {
    const { packageName, version, device, channelMultiple } = loadNative(threads);
    return {
      name: 'native',
      version: `${packageName}, TensorFlow ${version}${channelMultiple ? " with the kit's operations" : ''}`,
      threads,
      device,
      gpu: device === 'GPU',
      kernels: channelMultiple ? compiledKernels(channelMultiple) : nativeKernels,
    };
  },
  async webgpu() {
    const { name: device, software } = await startWebgpuBackend();
    const version = `@tensorflow/tfjs-backend-webgpu ${packageVersion('@tensorflow/tfjs-backend-webgpu')}`;
    return { name: 'webgpu', version, threads: 1, device, gpu: !software, kernels: webgpuKernels };
  },
  async wasm(threads) {
    const { module, threads: taken } = await startWasmBackend(threads);
    const version = `@tensorflow/tfjs-backend-wasm ${packageVersion('@tensorflow/tfjs-backend-wasm')}`;
    return {
      name: 'wasm',
      version,
      threads: taken,
      device: 'CPU',
      gpu: false,
      kernels: wasmKernels(module, taken),
    };
  },
  async cpu() {
    const version = `@tensorflow/tfjs-backend-cpu ${packageVersion('@tensorflow/tfjs-backend-cpu')}`;
    return { name: 'cpu', version, threads: 1, device: 'CPU', gpu: false, kernels: plainKernels };
  },
};

function packageVersion(name: string): string {
  return require(`${name}/package.json`).version;
}
