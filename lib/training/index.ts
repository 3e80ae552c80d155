export {
  type Checkpoint,
  type CheckpointHeader,
  checkpointFiles,
  checkSameRun,
  loadCheckpoint,
  newestCheckpoints,
  readCheckpoint,
  readCheckpointHeader,
  restoreVariables,
  saveCheckpoint,
} from './checkpoint';
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
