import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import type { Tensor } from '@tensorflow/tfjs-core';
import { tf } from '../tf';
import type { WasmModule } from './backend';

/** Where a tensor's values lie in the backend's memory; 0 for no tensor. */
export function address(tensor: Tensor | null | undefined): number {
  if (!tensor) return 0;
  return (tf.backend() as BackendWasm).getMemoryOffset(tensor.dataId as never);
}

/** A float32 tensor whose values are whatever its memory held: a kernel fills it. */
export function empty<T extends Tensor = Tensor>(shape: number[]): T {
  const info = (tf.backend() as BackendWasm).makeOutput(shape, 'float32');
  return tf.engine().makeTensorFromTensorInfo(info) as T;
}

/** Lends memory that holds nothing to `use`. */
export function withScratch(module: WasmModule, bytes: number, use: (address: number) => void): void {
  const scratch = module._malloc(bytes) >>> 0;
  try {
    use(scratch);
  } finally {
    module._free(scratch);
  }
}
