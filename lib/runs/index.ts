export { runDataset } from './dataset';
export { type ExperimentOptions, runExperiment, runFolder } from './experiment';
