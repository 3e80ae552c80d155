export { missingRuns, quickComparison } from './comparison';
export { runDataset } from './dataset';
export { type ExperimentOptions, runExperiment, runFolder } from './experiment';
export { loadTrainedNetwork, type TrainedNetwork } from './trained-network';
