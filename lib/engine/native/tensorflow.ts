import { totalmem } from 'node:os';

/** The arithmetic of products on an NVIDIA GPU: TF32 keeps 10 bits of each factor, and is faster. */
export const precisions = ['float32', 'tf32'] as const;
export type Precision = (typeof precisions)[number];

/**
 * Variables that decide what native TensorFlow computes, whatever the environment says. It reads them once, when its
 * library is loaded.
 */
export function tensorflowVariables(precision: Precision): Record<string, string> {
  return {
    // On some processors oneDNN computes wrong gradients, or corrupts memory.
    TF_ENABLE_ONEDNN_OPTS: '0',
    // On a GPU, sums would otherwise be added up in another order each time.
    TF_DETERMINISTIC_OPS: '1',
    NVIDIA_TF32_OVERRIDE: precision === 'tf32' ? '1' : '0',
  };
}

/**
 * Variables that decide where native TensorFlow gets the memory of its tensors: from a pool of its own. The C library's
 * aligned allocation finds freed memory of the same size again only from glibc 2.38 on, so the heap would grow.
 */
export function memoryVariables(): Record<string, string> {
  return {
    TF_CPU_ALLOCATOR_USE_BFC: 'true',
    // Otherwise the pool ends at 64 GiB. Regions that are not used take no memory, so the machine's is the limit.
    TF_CPU_BFC_MEM_LIMIT_IN_MB: String(Math.ceil((2 * totalmem()) / 2 ** 20)),
  };
}

/** What a loaded TensorFlow says of itself. */
export interface LoadedTensorFlow {
  version: string;
  device: 'CPU' | 'GPU';
}

/** Loads tfjs-node from its folder, which registers the backend 'tensorflow'. */
export function requireTensorFlow(folder: string): LoadedTensorFlow {
  // Node 23 removed a helper that tfjs-node still calls.
  // biome-ignore lint/suspicious/noExplicitAny: the helper is gone from the types as well
  (require('node:util') as any).isNullOrUndefined ??= (value: unknown) => value == null;
  const backend = require(folder).backend();
  return { version: backend.binding.TF_Version, device: backend.isUsingGpuDevice ? 'GPU' : 'CPU' };
}
