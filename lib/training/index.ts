export { loadCheckpoint, readCheckpoint, saveCheckpoint } from './checkpoint';
export { parseRunConfig, type RunConfig, runConfigSchema } from './config';
export { chosenPictures, hasUnlabeled, type PictureChoice } from './images';
export { type PresetOptions, paperSeeds, presetConfig, presetNames, pretrainCrop } from './presets';
export {
  type EpochEvent,
  type Pretrained,
  type PretrainOptions,
  pretrain,
  type StepEvent,
  stepDraws,
} from './pretrain';
export { cosineSchedule, stepSchedule } from './schedule';
export { Sgd } from './sgd';
export { type StepReport, trainStep } from './step';
