// The training kernels that TensorFlow.js's WebAssembly backend lacks or runs slowly, in AssemblyScript. They
// work in the backend's own memory and keep nothing there themselves. `npm run build:wasm` compiles them to
// ../kernels.wasm.
export { batchNorm, batchNormGradient, batchNormInference, moveRunning } from './batch-norm';
export { filterGradient, spreadOut, turnFilter } from './convolution';
export { maxPoolGradient } from './max-pool';
export { movingAverage, sgdStep } from './optimiser';
