export { chosenPictures, hasUnlabeled, type PictureChoice } from './images';
export { type PaperImages, paperImages, paperScale, presetOf } from './paper-scale';
export {
  hasBank,
  isPaperDataset,
  type PaperDataset,
  type PaperSettings,
  paperDatasets,
  paperDim,
  paperSettings,
  paperSettingsTable,
} from './paper-settings';
export {
  type PresetName,
  type PresetOptions,
  paperSeeds,
  presetConfig,
  presetNames,
  pretrainCrop,
} from './presets';
export { describeScale, type ImageCounts, type PaperScale, type RunImages } from './scale';
export { shortfall, shortfallNotes } from './shortfall';
