// The public library, by name; the rest is below `mnn-kit/internal/<folder>` and may change.

// Data: what is known of a dataset, reading it, and views of its images.
export * as augment from './augment';
// Training: a run's settings, pretraining, evaluation, and a whole run.
export { parseRunConfig, type RunConfig } from './config/run-config';
export { Interrupted, UserError } from './core/errors';
export { randomStream } from './core/random';
// Results: records, the tables of the paper, and published numbers.
export { formatTable, type Table } from './core/table';
export {
  allocatePixels,
  createDataset,
  type Dataset,
  type DatasetInMemory,
  dataFolder,
  datasetChecksum,
  datasetTable,
  type Images,
  type LabeledImages,
  loadDataset,
  type RegisteredDataset,
  registerDataset,
  type StoredImages,
  subset,
} from './data';
export { installDataset, listDatasets } from './data/install';
// Methods: those of the paper, and what another is made of.
export { normalize, startEngine, stopGradient, tf } from './engine';
export { extractFeatures, linearEvaluation, nearestNeighborAccuracy, rawPixelAccuracy } from './evaluation';
// Figures, and what a notebook shows.
export {
  barsAgainstPublished,
  type ChartSpec,
  featureMap,
  featureMapData,
  galleryData,
  imageGrid,
  imageRows,
  imageUri,
  lambdaCurve,
  learningCurves,
  methodOverview,
  neighborGallery,
  purityCurves,
  saveFigure,
  themeConfig,
  topKCurve,
} from './figures';
export { importBackbone } from './interchange';
export {
  comparedMethods,
  cosines,
  createBank,
  createLearner,
  crossEntropy,
  distances,
  findMethod,
  keyDistance,
  type Learner,
  listMethods,
  logSumExp,
  MemoryBank,
  type Method,
  type Mixing,
  makeLearner,
  mean,
  methodName,
  methodOption,
  mixings,
  mixNeighbors,
  mnn,
  type NeighborOptions,
  Networks,
  neighborLoss,
  neighborTargets,
  registerMethod,
} from './methods';
export { byolHeads, mocoHeads, nnclrHeads, simclrHeads, snclrHeads } from './models';
export {
  chosenRecords,
  displayChart,
  displayChartOrReason,
  displayChartsByDataset,
  displayDataset,
  displayFrame,
  displayImages,
  displayMissing,
  displayPaperTable,
  displayProgress,
  displayTable,
  displayTensor,
  displayTraining,
  displayViews,
  interruptSignal,
  paperTableRecords,
} from './notebook';
export { comparisonTable, fillTable, findTable, loadPublished, paperTables, wideTable } from './paper';
export { presetConfig, presetNames } from './presets';
export { loadRecord, loadRecords, type RunRecord, recordId, recordRows } from './results';
export {
  comparedConfig,
  evaluateNetwork,
  evaluationConfig,
  loadDatasetFor,
  // Its name before, which scripts use.
  loadDatasetFor as runDataset,
  loadTrainedNetwork,
  runExperiment,
} from './runs';
export { cosineSchedule, pretrain, Sgd, stepDraws, stepSchedule, trainStep } from './training';
