export { type ConfigChanges, changedConfig, readConfig } from './config-file';
export { chosenImages, hasUnlabeled, type ImageChoice } from './images';
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
export {
  describeScale,
  type ImageCounts,
  type PaperScale,
  paperScale,
  presetOf,
  type RunImages,
  shortfall,
  shortfallNotes,
} from './scale';
