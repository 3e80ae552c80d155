import { basename, resolve } from 'node:path';
import { z } from 'zod';

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
