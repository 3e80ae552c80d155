export { chooseEngine } from './choose';
export { diagnoseEngines, type EngineDiagnosis } from './diagnose';
export {
  currentEngine,
  defaultEngine,
  type Engine,
  type EngineName,
  type EngineOptions,
  engineNames,
  startEngine,
} from './engine';
export type { BatchGroups, BatchStatistics, Kernels } from './kernels/kernels';
export { plainKernels } from './kernels/plain';
export { tf } from './tf';
