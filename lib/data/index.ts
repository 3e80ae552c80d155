export { type BatchOptions, batchIndices } from './batches';
export { datasetChecksum } from './checksum';
export { readCifar10 } from './cifar10';
export { readCifar100 } from './cifar100';
export {
  checkDataset,
  checkEvaluated,
  createDataset,
  hasClasses,
  isLabelled,
  whyNotEvaluated,
} from './create-dataset';
export { dataFolder, findDataset } from './data-folder';
export {
  allocatePixels,
  type Dataset,
  type Images,
  type LabelledImages,
  type Normalization,
  type StoredImages,
} from './dataset';
export { datasetTable, wholeText } from './dataset-table';
export { type Installed, type InstallOptions, installDataset } from './install';
export { type Listing, listDatasets } from './list';
export { type LoadOptions, loadDataset } from './load';
export { type OpenImages, openImages } from './open-images';
export { type PretrainingImages, pretrainingImages } from './pretraining-images';
export type { Progress } from './progress';
export { type Removed, removeDataset } from './remove';
export { type Shapes10Options, shapes10, shapes10Defaults } from './shapes10';
export { datasetName, datasetNames, type Source, sourceOf, sources } from './sources';
export { readStl10 } from './stl10';
export { membersOf, picturesAt, type SubsetOptions, subset } from './subset';
export { readTinyImagenet } from './tiny-imagenet';
export { type Verification, verifyDataset } from './verify';
