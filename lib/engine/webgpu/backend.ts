/// <reference types="@webgpu/types" />

import { webgpuPackage } from '../install/webgpu';
import { tf } from '../tf';
import { vulkanDrivers } from './drivers';

/** The GPU behind the WebGPU backend. */
export interface WebgpuDevice {
  /** As its driver calls it. */
  name: string;
  /** Whether it is no GPU, but a driver that computes on the processor, such as SwiftShader. */
  software: boolean;
}

/** WebGPU's smallest promises would not do for the activations of a large batch: all the device has is asked for. */
const limits = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxComputeWorkgroupStorageSize',
  'maxComputeWorkgroupsPerDimension',
  'maxComputeWorkgroupSizeX',
  'maxComputeInvocationsPerWorkgroup',
] as const;

/** What is used of the package webgpu, which need not be installed. */
interface Dawn {
  create(options: string[]): GPU;
  globals: object;
}

/** Dawn frees everything, in the midst of its work, once nobody holds this object. */
let dawn: GPU;

/**
 * Starts TensorFlow.js's WebGPU backend on Dawn, the WebGPU of Chromium, and registers it as 'webgpu'.
 * Tensors on it are read with `await data()`; `dataSync()` throws.
 * @throws Error if no driver is installed, or none that Dawn accepts.
 */
export async function startWebgpuBackend(): Promise<WebgpuDevice> {
  // Dawn itself would write its complaint to the terminal.
  if (process.platform === 'linux' && vulkanDrivers().length === 0) {
    throw new Error('no Vulkan driver is installed');
  }
  const url = webgpuPackage();
  if (!url) throw new Error('its package is not installed. Get it: npx mnn engine install webgpu');
  const { create, globals } = (await import(url)) as Dawn;
  dawn = create([]);
  const adapter = await dawn.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter) throw new Error('none of the Vulkan drivers here is one that Dawn accepts');
  const device = await adapter.requestDevice({
    requiredLimits: Object.fromEntries(limits.map((limit) => [limit, adapter.limits[limit]])),
  });
  device.addEventListener('uncapturederror', stop);
  Object.assign(globalThis, globals);
  const backend = await withNavigator(dawn, async () => {
    const { WebGPUBackend } = await import('@tensorflow/tfjs-backend-webgpu');
    return new WebGPUBackend(device, adapter.info);
  });
  tf.removeBackend('webgpu');
  tf.registerBackend('webgpu', () => backend);
  const { description, device: model, vendor, isFallbackAdapter } = adapter.info;
  return { name: description || model || vendor || 'GPU', software: isFallbackAdapter };
}

/** After refused work Dawn would go on with zeros for its results. */
function stop({ error }: GPUUncapturedErrorEvent): never {
  throw new Error(
    `The GPU refused work; where memory lacks, take a smaller batch or width. ${error.message}`,
  );
}

/** Runs `start` where the backend finds WebGPU as in a browser; other libraries shall not take Node for one. */
async function withNavigator<T>(gpu: GPU, start: () => Promise<T>): Promise<T> {
  const own = Object.getOwnPropertyDescriptor(globalThis, 'navigator');
  Object.defineProperty(globalThis, 'navigator', { value: { gpu }, configurable: true });
  try {
    return await start();
  } finally {
    if (own) Object.defineProperty(globalThis, 'navigator', own);
    else Reflect.deleteProperty(globalThis, 'navigator');
  }
}
