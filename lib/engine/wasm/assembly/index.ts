// The training kernels that TensorFlow.js's WebAssembly backend lacks or runs slowly, in AssemblyScript. They
// work in the backend's own memory and keep nothing there themselves. `npm run build:wasm` compiles them to
// ../kernels.wasm, and with relaxed SIMD to ../kernels-relaxed.wasm. Most do one task of a job that threads share:
// their first arguments are the task's number and the thread's; what a task computes does not depend on the thread that takes it.
export { addGroups, batchNorm, batchNormGradient, batchNormInference, batchNormTasks, moveRunning } from './batch-norm';
export { addShares, convolve, filterGradient, filterGradientOfSamples, inputGradient, turnFilter } from './convolution';
export { roundingOfSquare } from './lanes';
export { maxPoolGradient } from './max-pool';
export { movingAverage, sgdStep } from './optimizer';
export { packPanel } from './product';
export {
  winogradAddShares,
  winogradConvolve,
  winogradFilter,
  winogradFilterGradient,
  winogradRoom,
} from './winograd';
