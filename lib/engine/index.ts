export { chooseEngine, diagnoseEngines, type EngineDiagnosis } from './diagnose';
export {
  currentEngine,
  defaultEngine,
  type Engine,
  type EngineName,
  type EngineOptions,
  engineFacts,
  engineNames,
  startEngine,
} from './engine';
export type { BatchGroups, BatchStatistics, Kernels } from './kernels/kernels';
export { plainKernels } from './kernels/plain';
export { proveNative } from './native/load';
export { type Precision, precisions } from './native/tensorflow';
export { inverseOrder, normalize, stopGradient } from './operations';
export type { Proof } from './proof';
export { tf } from './tf';
