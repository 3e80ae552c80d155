export {
  byolHeads,
  type HeadBuilder,
  type Heads,
  mocoHeads,
  nnclrHeads,
  simclrHeads,
  snclrHeads,
} from './heads';
export {
  type ApplyOptions,
  apply,
  type Layer,
  type NamedVariables,
  prefixed,
  releaseKept,
} from './network';
export {
  blockPlan,
  hasShortcut,
  paperStem,
  ResNet18,
  type ResNetSettings,
  type StemConvolution,
} from './resnet18';
