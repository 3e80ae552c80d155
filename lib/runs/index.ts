export { checkComparedOptions, comparedConfig } from './compared-config';
export { missingRuns, quickComparison } from './comparison';
export { notWhole, runDataset } from './dataset';
export { type EstimateOptions, estimateRuns, type RunEstimate } from './estimate';
export {
  type EvaluationConfig,
  type EvaluationSettings,
  type EvaluationWatcher,
  evaluateNetwork,
  evaluationConfig,
} from './evaluate';
export { type ExperimentOptions, runExperiment, runFolder } from './experiment';
export { type FindOptions, type FoundNetwork, findNetwork } from './find-network';
export { expectedImages, measureRun, type PartTimes, runSeconds } from './measure';
export { findRun, listRuns, pruneRun, type RunPlaces, type RunState, type StoredRun } from './stored-runs';
export { storedRunsTable } from './stored-runs-table';
export { loadTrainedNetwork, type TrainedNetwork } from './trained-network';
