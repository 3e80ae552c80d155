export { checkComparedOptions, comparedConfig } from './compared-config';
export { missingRuns, quickComparison } from './comparison';
export { runDataset } from './dataset';
export { type ExperimentOptions, runExperiment, runFolder } from './experiment';
