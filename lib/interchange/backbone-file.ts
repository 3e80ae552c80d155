import { createHash } from 'node:crypto';
import { basename, resolve } from 'node:path';
import { z } from 'zod';
import { writeFileAtomic } from '../atomic-write';
import { UserError } from '../errors';
import {
  bytesOf,
  decodeSafetensors,
  encodeSafetensors,
  parseJson,
  readWhole,
  type StoredTensor,
  safetensorsHeader,
} from '../training/safetensors';
import { type Backbone, type BackboneModel, checkValues, shapesOf } from './backbone';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** A name of a file or folder, which leads nowhere else and holds nothing that a terminal would obey. */
const plainName = z.string().regex(/^(?!\.{1,2}$)[^/\\\p{Cc}]+$/u);

/** The last part of a path as `originSchema` has it. */
export function nameOfFile(path: string): string {
  const name = basename(resolve(path)).replace(/[\\\p{Cc}]/gu, '_');
  return name || 'unnamed';
}

/** Where a backbone comes from: a file of PyTorch's, or a run of the kit's. */
export const originSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('pytorch'),
    file: plainName,
    sha256,
    format: z.enum(['zip', 'legacy', 'safetensors']),
    /** As the file has it; the authors count from 0. */
    epoch: z.number().nullable(),
    /** The file's key of the state dict, as `state_dict`; absent if the file is one. */
    key: z.string().optional(),
    /** What stands before the names of the backbone's tensors in the file. */
    prefix: z.string(),
    /** The methods whose networks have the file's tensors; none where that is not known. */
    methods: z.array(z.string()),
    /** How many tensors of the file are no part of the backbone, by what their names begin with. */
    unused: z.record(z.string(), z.int().positive()),
  }),
  z.strictObject({
    kind: z.literal('run'),
    run: plainName,
    method: z.string(),
    dataset: z.string(),
    datasetChecksum: z.string(),
    /** Finished epochs, and those that the run is to have. */
    epochs: z.int().nonnegative(),
    ofEpochs: z.int().nonnegative(),
    /** Steps taken, where that is in the midst of an epoch. */
    step: z.int().nonnegative().optional(),
    engine: z.string(),
  }),
]);

export type BackboneOrigin = z.infer<typeof originSchema>;

const pixels = z.int().nonnegative().max(32);

/** What is computed with the tensors. */
export const modelSchema = z.strictObject({
  width: z.int().positive(),
  maxPool: z.boolean(),
  /** Absent: 3x3 at stride 1 with padding 1. */
  stem: z.strictObject({ size: pixels.min(1), stride: pixels.min(1), padding: pixels }).optional(),
});

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
