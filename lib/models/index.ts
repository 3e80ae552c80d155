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
export { ResNet18, type ResNetSettings } from './resnet18';
