import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { writeFileAtomic } from '../../core/files';
import type { EngineLayout } from './folders';

const ingredientsSchema = z.object({
  /** tfjs-node's package with its version, and sha256 over its C++ sources. */
  package: z.string(),
  binding: z.string(),
  /** sha256 over the sources of the kit's own operations; null where there are none. */
  kernels: z.string().nullable(),
  /** Which of TensorFlow's headers are taken. */
  headers: z.string(),
  platform: z.string(),
  /** The kit's own operations are compiled for its vectors. */
  processor: z.string(),
  napi: z.int(),
});

/** What an engine is made of beside TensorFlow: it has to be made again when one of these changes. */
export type Ingredients = z.infer<typeof ingredientsSchema>;

const manifestSchema = z.object({
  ingredients: ingredientsSchema,
  /** Where TensorFlow came from, its version, and sha256 of its C library. */
  source: z.string(),
  tensorflow: z.string(),
  librarySha256: z.string(),
  /** The CUDA libraries that it asks for, as Python requirements. */
  cudaRequirements: z.array(z.string()),
  /** What computed when it was tried. */
  device: z.enum(['CPU', 'GPU']),
  /** Whether the kit's own operations are compiled. */
  kernels: z.boolean(),
  node: z.string(),
  /** Files without which it does not start, seen from the engine's folder, with their sizes. */
  files: z.array(z.object({ path: z.string(), bytes: z.int() })),
});

/** What an install wrote about an engine: what it was made from, and what it is. */
export type EngineManifest = z.infer<typeof manifestSchema>;

/** The manifest of an engine that is whole; undefined where there is none, or a file is missing or has another size. */
export function readManifest({ folder, manifest }: EngineLayout): EngineManifest | undefined {
  if (!existsSync(manifest)) return undefined;
  try {
    const found = manifestSchema.parse(JSON.parse(readFileSync(manifest, 'utf8')));
    const whole = found.files.every(
      ({ path, bytes }) => statSync(join(folder, path), { throwIfNoEntry: false })?.size === bytes,
    );
    return whole ? found : undefined;
  } catch {
    return undefined;
  }
}

export function writeManifest(layout: EngineLayout, manifest: EngineManifest): void {
  writeFileAtomic(layout.manifest, `${JSON.stringify(manifest, null, 2)}\n`);
}
