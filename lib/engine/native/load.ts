import { tf } from '../tf';

/** The packages with a native TensorFlow, the one with a GPU first. */
const packages = ['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node'] as const;

export interface NativeTensorFlow {
  packageName: string;
  /** Version of the TensorFlow library behind it. */
  version: string;
  /** 'CPU' or 'GPU'. */
  device: string;
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
      return { packageName, version: native.backend().binding.TF_Version, device };
    } catch (error) {
      reasons.push(`${packageName}: ${(error as Error).message.split('\n')[0]}`);
    }
  }
  throw new Error(reasons.join('; '));
}

/** The backend of native TensorFlow, which can run any TensorFlow operation by name. */
// biome-ignore lint/suspicious/noExplicitAny: tfjs-node's backend type needs tfjs-node to be installed
export function nativeBackend(): any {
  return tf.backend();
}
