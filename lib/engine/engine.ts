import { availableParallelism } from 'node:os';
import { UserError, unknownName } from '../core/errors';
import { readChoice } from './install/choice';
import type { Kernels } from './kernels/kernels';
import { plainKernels } from './kernels/plain';
import { compiledKernels } from './native/compiled';
import { nativeKernels } from './native/kernels';
import { EngineRefused, loadNative } from './native/load';
import { type Precision, precisions } from './native/tensorflow';
import type { Proof } from './proof';
import { tf } from './tf';
import { startWasmBackend } from './wasm/backend';
import { wasmKernels } from './wasm/kernels';
import { ThreadPool } from './wasm/pool';
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
  /** The arithmetic of products: TF32 only on an NVIDIA GPU that was asked for it. */
  precision: Precision;
  /** Whether the same computation gives the same bits each time; undefined when that is not known. */
  deterministic?: boolean;
  /** How native TensorFlow was proven right on this processor. */
  proof?: Proof;
  kernels: Kernels;
}

export interface EngineOptions {
  /** An engine's name, or 'auto' for the fastest that starts. Default: as `defaultEngine` says. */
  engine?: string;
  /** Threads to compute with. Default: the variable MNN_THREADS, else all cores. */
  threads?: number;
  /** What an NVIDIA GPU multiplies in, float32 or the faster and less precise tf32. Default: float32. */
  precision?: string;
  /** Receives a line about what takes time or is not as expected. Default: a warning of the process. */
  say?: (line: string) => void;
}

/** What a starter is given. */
interface Start {
  threads: number;
  precision: Precision;
  say: (line: string) => void;
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
  const precision = precisions.find((known) => known === (options.precision ?? 'float32'));
  if (!precision) throw unknownName('precision', `${options.precision}`, precisions);
  if (current && (wanted === 'auto' || wanted === current.name)) return withPrecision(current, options);
  const { say = (line) => process.emitWarning(line) } = options;
  const start = { threads: threadCount(options.threads), precision, say };
  const rungs = wanted === 'auto' ? ladder : [{ name: wanted as EngineName, gpu: undefined }];
  const reasons = new Map<EngineName, string>();
  for (const { name, gpu } of rungs) {
    if (reasons.has(name)) continue;
    try {
      const engine = started.get(name) ?? (await starters[name](start));
      started.set(name, engine);
      if (gpu !== undefined && gpu !== engine.gpu) continue;
      await tf.setBackend(backendNames[name]);
      current = engine;
      return withPrecision(engine, options);
    } catch (error) {
      if (wanted === 'auto' && error instanceof EngineRefused) {
        say(`Native TensorFlow is not used. ${error.message}`);
      }
      reasons.set(name, `${name}: ${(error as Error).message}`);
    }
  }
  throw new UserError(
    `Engine '${wanted}' does not start.\n${[...reasons.values()].join('\n')}\nRun \`npx mnn doctor\` for what to do about it.`,
  );
}

/** @throws UserError if the engine computes in another precision than the one that is asked for. */
function withPrecision(engine: Engine, { precision = engine.precision }: EngineOptions): Engine {
  if (precision === engine.precision) return engine;
  const reason =
    engine.name === 'native' && engine.gpu
      ? 'its library was loaded for it, and keeps it until the process ends'
      : 'only native TensorFlow on an NVIDIA GPU has another';
  throw new UserError(`Engine ${engine.name} computes in ${engine.precision}, not ${precision}: ${reason}.`);
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

/** What results record of the engine that runs. */
export function engineFacts(): Pick<Engine, 'name' | 'version' | 'threads' | 'precision' | 'deterministic'> {
  const { name, version, threads, precision, deterministic } = currentEngine();
  return { name, version, threads, precision, ...(deterministic !== undefined && { deterministic }) };
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

const starters: Record<EngineName, (start: Start) => Promise<Engine>> = {
  async native(start) {
    const { packageName, version, device, channelMultiple, proof } = await loadNative(start);
    const gpu = device === 'GPU';
    return {
      name: 'native',
      version: `${packageName}, TensorFlow ${version}${channelMultiple ? " with the kit's operations" : ''}`,
      threads: start.threads,
      device,
      gpu,
      precision: gpu ? start.precision : 'float32',
      deterministic: true,
      proof,
      kernels: channelMultiple ? compiledKernels(channelMultiple) : nativeKernels,
    };
  },
  async webgpu() {
    const { name: device, software } = await startWebgpuBackend();
    const version = `@tensorflow/tfjs-backend-webgpu ${packageVersion('@tensorflow/tfjs-backend-webgpu')}`;
    const kernels = webgpuKernels;
    return { name: 'webgpu', version, threads: 1, device, gpu: !software, precision: 'float32', kernels };
  },
  async wasm({ threads }) {
    const { module, threads: taken } = await startWasmBackend(threads);
    const pool = new ThreadPool(module, taken);
    const kernels = `the kit's kernels${pool.fused ? ' (fused multiply-add)' : ''}`;
    const version = `@tensorflow/tfjs-backend-wasm ${packageVersion('@tensorflow/tfjs-backend-wasm')} with ${kernels}`;
    return { name: 'wasm', version, threads: taken, ...onProcessor, kernels: wasmKernels(module, pool) };
  },
  async cpu() {
    const version = `@tensorflow/tfjs-backend-cpu ${packageVersion('@tensorflow/tfjs-backend-cpu')}`;
    return { name: 'cpu', version, threads: 1, ...onProcessor, kernels: plainKernels };
  },
};

/** What JavaScript and WebAssembly have in common. */
const onProcessor = { device: 'CPU', gpu: false, precision: 'float32', deterministic: true } as const;

function packageVersion(name: string): string {
  return require(`${name}/package.json`).version;
}
