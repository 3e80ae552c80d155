export { checkComparedOptions, comparedConfig, missingRuns } from './comparison';
export { checkFits, datasetWarning, loadDatasetFor } from './dataset';
export {
  type EstimateOptions,
  estimateRuns,
  expectedImages,
  measureRun,
  type PartTimes,
  type RunEstimate,
  runSeconds,
} from './estimate';
export {
  type EvaluationConfig,
  type EvaluationSettings,
  type EvaluationWatcher,
  evaluateNetwork,
  evaluationConfig,
} from './evaluate';
export { type ExperimentOptions, runExperiment, runFolder } from './experiment';
export { type FirstEpochsOptions, runFirstEpochs } from './first-epochs';
export {
  type FindOptions,
  type FoundNetwork,
  findNetwork,
  loadTrainedNetwork,
  type TrainedNetwork,
} from './networks';
export {
  findRun,
  listRuns,
  pruneRun,
  type RunPlaces,
  type RunState,
  type StoredRun,
  storedRunsTable,
} from './stored-runs';
