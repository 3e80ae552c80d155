import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type EngineLayout, engineLayout, enginesFolder, installedNames } from '../install/folders';
import { readManifest } from '../install/manifest';
import { processorName } from '../install/processor';

/** tfjs-node's package, which has native TensorFlow in it where somebody built it in place. */
const packageName = '@tensorflow/tfjs-node-gpu';

export interface NativeTensorFlow {
  packageName: string;
  /** Version of the TensorFlow library behind it. */
  version: string;
  /** 'CPU' or 'GPU'. */
  device: string;
  /** What the kit's own operations need channels to be a multiple of; undefined where they are not compiled. */
  channelMultiple?: number;
}

/**
 * Loads native TensorFlow, which registers the backend 'tensorflow'.
 * @throws Error that says for each engine and the package why it does not load.
 */
export function loadNative(threads: number): NativeTensorFlow {
  // TensorFlow reads these once, when its library is loaded.
  // On some processors oneDNN computes wrong gradients, or corrupts memory.
  process.env.TF_ENABLE_ONEDNN_OPTS = '0';
  process.env.TF_NUM_INTRAOP_THREADS ??= String(threads);
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
  // Node 23 removed a helper that tfjs-node still calls.
  // biome-ignore lint/suspicious/noExplicitAny: the helper is gone from the types as well
  (require('node:util') as any).isNullOrUndefined ??= (value: unknown) => value == null;
  const reasons: string[] = [];
  for (const { title, path, layout } of candidates()) {
    try {
      const native = require(path);
      const device = native.backend().isUsingGpuDevice ? 'GPU' : 'CPU';
      // They are made for processors; on a GPU TensorFlow's own are taken.
      const channelMultiple = device === 'CPU' && layout ? startKernels(layout, threads) : undefined;
      return { packageName, version: native.backend().binding.TF_Version, device, channelMultiple };
    } catch (error) {
      const [message] = (error as Error).message.split('\n');
      reasons.push(
        `${title}: ${/tfjs_binding\.node.*not be found/.test(message) ? 'is not built' : message}`,
      );
    }
  }
  throw new Error(reasons.join('; '));
}

/** Where native TensorFlow may be: the installed engines first, then the package. */
function candidates(): { title: string; path: string; layout?: EngineLayout }[] {
  const installed = installedNames
    .map((name) => ({ title: name, layout: engineLayout(join(enginesFolder(), name)) }))
    .filter(({ layout }) => existsSync(layout.folder))
    .map(({ title, layout }) => ({ title, path: layout.package, layout }));
  return [...installed, { title: packageName, path: packageName }];
}

/** Registers the kit's own operations with the loaded TensorFlow; it works without them, but more slowly. */
function startKernels(layout: EngineLayout, threads: number): number | undefined {
  if (!existsSync(layout.kernels)) return undefined;
  try {
    // Code for another processor does not fail in a way that could be caught.
    if (readManifest(layout)?.ingredients.processor !== processorName()) {
      throw new Error('they were compiled for another processor');
    }
    return require(layout.kernels).start(threads);
  } catch (error) {
    const reason = (error as Error).message;
    process.emitWarning(`The kit's own operations do not start (${reason}): npx mnn engine install --force`);
    return undefined;
  }
}
