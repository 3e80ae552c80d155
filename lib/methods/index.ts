export { byol } from './byol';
export { cmsf } from './cmsf';
export { cutMixture, drawMixture, type Mixture, mixImages } from './image-mixing';
export { makeLearner } from './learner';
export { createBank, MemoryBank, type Neighbors } from './memory-bank';
export type { Batch, Learner, Method, StepDraws, StepResult, ViewKind } from './method';
export { mnn } from './mnn';
export { mocoLoss, mocoV2 } from './moco-v2';
export { msf } from './msf';
export {
  distances,
  keyDistance,
  type Mixing,
  type MixingOptions,
  mixings,
  mixNeighbors,
  type NeighborOptions,
  neighborLoss,
  neighborTargets,
} from './neighbor-loss';
export { Networks } from './networks';
export { nnclr, nnclrLoss } from './nnclr';
export * as methodOption from './options';
export {
  comparedMethods,
  createLearner,
  describeOptions,
  findMethod,
  listMethods,
  methodName,
  methodOptions,
  type OptionDescription,
  registerMethod,
  viewsOf,
} from './registry';
export { ressl, resslLoss } from './ressl';
export { sce, sceLoss } from './sce';
export { simclr, simclrLoss } from './simclr';
export { cosines, crossEntropy, logSumExp, mean, ownProjections, pairCosines } from './similarity';
export { snclr, snclrLoss } from './snclr';
export { unMix } from './un-mix';
