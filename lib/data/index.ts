export { type BatchOptions, batchIndices } from './batches';
export { datasetChecksum } from './checksum';
export { readCifar10, readCifar100 } from './cifar';
export {
  checkDataset,
  checkEvaluated,
  createDataset,
  hasClasses,
  isLabeled,
  whyNotEvaluated,
} from './create-dataset';
export { dataFolder, findDataset } from './data-folder';
export type { Progress } from './dataset';
export {
  allocatePixels,
  type Dataset,
  type DatasetInMemory,
  type Extent,
  type Images,
  type LabeledImages,
  type LabeledStoredImages,
  type Normalization,
  type StoredImages,
} from './dataset';
export { datasetTable, wholeText } from './dataset-table';
export { drawnDefaults } from './drawn';
export { BrokenImages, folderDefaults } from './folder/dataset';
export { type LoadOptions, loadDataset } from './load';
export { readManifest, writeManifest } from './manifest';
export {
  type OpenImages,
  openImages,
  type PretrainingImages,
  pixelsOf,
  pretrainingImages,
  totalCount,
} from './open-images';
export { patterns10 } from './patterns10';
export {
  canonicalName,
  type DrawOptions,
  datasetName,
  datasetNames,
  type FolderOptions,
  findRegistered,
  knownDataset,
  type ReadOptions,
  type RegisteredDataset,
  registerDataset,
  registeredDatasets,
  sourceOf,
  sources,
} from './registry';
export { shapes10 } from './shapes10';
export type { DatasetFacts, Source } from './sources';
export { readStl10 } from './stl10';
export { imagesAt, membersOf, type SubsetOptions, subset } from './subset';
export { readTinyImagenet } from './tiny-imagenet';
