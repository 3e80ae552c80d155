import { writeFileAtomic } from '../../core/files';
import type { TracedBackbone } from '../backbone-file';
import { backboneGraph } from './graph';
import { modelMessage } from './messages';

/** Operations as in opset 17, in the file format of ONNX 1.12: every runtime of the last years reads them. */
const opset = 17;
const irVersion = 8;

/** The bytes of an ONNX model that computes a backbone's features of normalized images. */
export function encodeOnnx(backbone: TracedBackbone): Uint8Array {
  const message = modelMessage();
  const { model, origin } = backbone;
  return message
    .encode(
      message.create({
        ir_version: irVersion,
        producer_name: 'mnn-kit',
        graph: backboneGraph(backbone),
        opset_import: [{ version: opset }],
        metadata_props: [{ key: 'mnn', value: JSON.stringify({ model, origin }) }],
      }),
    )
    .finish();
}

export function writeOnnx(path: string, backbone: TracedBackbone): void {
  writeFileAtomic(path, encodeOnnx(backbone));
}
