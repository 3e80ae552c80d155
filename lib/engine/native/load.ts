import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../package-root';

/** The packages with a native TensorFlow, the one with a GPU first. */
const packages = [join(projectRoot, '.engines/native-cpu/package')] as const;

export interface NativeTensorFlow {
  packageName: string;
  /** Version of the TensorFlow library behind it. */
  version: string;
  /** 'CPU' or 'GPU'. */
  device: string;
  vectorLength?: number;
}

/**
 * Loads native TensorFlow, which registers the backend 'tensorflow'.
 * @throws Error that says for each package why it does not load.
 */
export function loadNative(threads: number): NativeTensorFlow {
  // TensorFlow reads these once, when its library is loaded.
  process.env.TF_ENABLE_ONEDNN_OPTS ??= '1';
  process.env.TF_NUM_INTRAOP_THREADS ??= String(threads);
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
  // Node 23 removed a helper that tfjs-node still calls.
  // biome-ignore lint/suspicious/noExplicitAny: the helper is gone from the types as well
  (require('node:util') as any).isNullOrUndefined ??= (value: unknown) => value == null;
  const reasons: string[] = [];
  for (const packageName of packages) {
    try {
      const native = require(packageName);
      const device = native.backend().isUsingGpuDevice ? 'GPU' : 'CPU';
      const file = join(packageName, '../mnn_kernels.node');
      const vectorLength =
        existsSync(file) && !process.env.MNN_STOCK ? require(file).start(threads) : undefined;
      return { packageName, version: native.backend().binding.TF_Version, device, vectorLength };
    } catch (error) {
      reasons.push(`${packageName}: ${(error as Error).message.split('\n')[0]}`);
    }
  }
  throw new Error(reasons.join('; '));
}
