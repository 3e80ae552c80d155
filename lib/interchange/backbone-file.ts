import { createHash } from 'node:crypto';
import { z } from 'zod';
import { UserError } from '../core/errors';
import { writeFileAtomic } from '../core/files';
import {
  bytesOf,
  decodeSafetensors,
  encodeSafetensors,
  parseJson,
  readWhole,
  type StoredTensor,
  safetensorsHeader,
} from '../core/safetensors';
import { type BackboneOrigin, modelSchema, originSchema } from '../results';
import { type Backbone, type BackboneModel, checkValues, shapesOf } from './backbone';

const headerSchema = z.strictObject({
  kind: z.literal('backbone'),
  version: z.literal(1),
  model: modelSchema,
  origin: originSchema,
});

/** A backbone and where it comes from. */
export interface TracedBackbone extends Backbone {
  origin: BackboneOrigin;
}

/** The name of the file in the folder of an imported network. */
export const backboneFileName = 'backbone.safetensors';

/**
 * Writes a backbone as a safetensors file that PyTorch and torchvision can load as it is: their names, their
 * layouts. What the kit needs to know besides stands in the metadata, with a checksum.
 */
export function writeBackbone(path: string, backbone: TracedBackbone): void {
  writeFileAtomic(path, encodeBackbone(backbone));
}

/** The parts of that file, in order. */
export function encodeBackbone({ model, tensors, origin }: TracedBackbone): Uint8Array[] {
  const stored = new Map<string, StoredTensor>();
  for (const [name, shape] of shapesOf(model)) {
    stored.set(name, { dtype: 'F32', shape, values: tensors.get(name)! });
  }
  const mnn = JSON.stringify({ kind: 'backbone', version: 1, model, origin });
  return encodeSafetensors(stored, { mnn, sha256: backboneChecksum(tensors, mnn) });
}

/**
 * Reads a backbone that `mnn import` or `mnn export` has written.
 * @returns undefined for another safetensors file of the kit's, such as a checkpoint.
 * @throws UserError that names the file and what is wrong with it.
 */
export function readBackbone(path: string): TracedBackbone | undefined {
  return decodeBackbone(readWhole(path), path);
}

/** The same from the file's bytes. */
export function decodeBackbone(bytes: Uint8Array, path: string): TracedBackbone | undefined {
  const value = parseJson(safetensorsHeader(bytes, path).metadata.mnn);
  if (typeof value !== 'object' || value === null) {
    throw new UserError(`${path} was not written by the kit. Import it first: mnn import ${path}`);
  }
  if (!('kind' in value)) return undefined;
  const { tensors: stored, metadata } = decodeSafetensors(bytes, path);
  const header = headerSchema.safeParse(value);
  if (!header.success) {
    throw new UserError(`${path} is no network that this kit reads:\n${z.prettifyError(header.error)}`);
  }
  const { model, origin } = header.data;
  const tensors = tensorsOf(stored, model, path);
  if (metadata.sha256 !== backboneChecksum(tensors, metadata.mnn)) {
    throw new UserError(
      `${path} is damaged or was changed: it does not have the checksum that was written with it.`,
    );
  }
  const backbone = { model, tensors, origin };
  checkValues(backbone, path);
  return backbone;
}

function tensorsOf(
  stored: Map<string, StoredTensor>,
  model: BackboneModel,
  path: string,
): Backbone['tensors'] {
  const tensors: Backbone['tensors'] = new Map();
  for (const [name, shape] of shapesOf(model)) {
    const tensor = stored.get(name);
    if (tensor?.dtype !== 'F32' || tensor.shape.join() !== shape.join()) {
      throw new UserError(`${path} is damaged: it has no tensor ${name} of the shape [${shape}].`);
    }
    tensors.set(name, tensor.values as Float32Array);
  }
  return tensors;
}

/** A checksum of all tensors, which names the network. */
export function backboneChecksum(tensors: Map<string, Float32Array>, header = ''): string {
  const hash = createHash('sha256').update(header);
  for (const [name, values] of tensors) {
    hash.update(name).update(bytesOf(values));
  }
  return hash.digest('hex');
}
