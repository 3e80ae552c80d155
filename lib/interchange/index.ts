/** A file's bytes, as `importBackbone` takes them. */
export { bufferSource, withFile } from '../core/byte-source';
export {
  type Backbone,
  type BackboneModel,
  backboneShapes,
  countParameters,
  describeModel,
} from './backbone';
export {
  backboneChecksum,
  backboneFileName,
  decodeBackbone,
  encodeBackbone,
  readBackbone,
  type TracedBackbone,
  writeBackbone,
} from './backbone-file';
export {
  type Imported,
  type ImportOptions,
  importBackbone,
  StemNotTold,
  type StemOptions,
  usualStems,
} from './import';
export { networkOf } from './network';
export { encodeOnnx, writeOnnx } from './onnx/write';
export { backboneOfRun } from './run-backbone';
export { readTorchFile } from './torch-file';
export type { TorchFile } from './torch-format';
