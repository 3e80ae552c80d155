import { createHash } from 'node:crypto';
import { closeSync, existsSync, readFileSync, readSync, statSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { z } from 'zod';
import { cachePath, keep } from './cache';
import { openForReading } from './open-images';
import type { Progress } from './progress';

const rememberedSchema = z.object({ bytes: z.int(), modified: z.number(), sha256: z.string() });

/**
 * sha256 of a file, in hexadecimal. For a file of `rememberFrom` bytes or more it is remembered, and taken from
 * there for as long as the file's length and time of change are the same.
 */
export function fileDigest(file: string, onProgress?: Progress, rememberFrom = 64 << 20): string {
  const { size: bytes, mtimeMs: modified } = statSync(file);
  if (bytes < rememberFrom) return measure(file, bytes, onProgress);
  const path = cachePath(dirname(file), `${basename(file)}.json`);
  const remembered = readRemembered(path);
  if (remembered?.bytes === bytes && remembered.modified === modified) return remembered.sha256;
  const sha256 = measure(file, bytes, onProgress);
  keep(path, JSON.stringify({ bytes, modified, sha256 }));
  return sha256;
}

function readRemembered(path: string): z.infer<typeof rememberedSchema> | undefined {
  if (!existsSync(path)) return undefined;
  try {
    return rememberedSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return undefined;
  }
}

function measure(file: string, total: number, onProgress?: Progress): string {
  const hash = createHash('sha256');
  const chunk = new Uint8Array(4 << 20);
  const descriptor = openForReading(file);
  try {
    let done = 0;
    for (let bytes = -1; bytes !== 0; done += bytes) {
      bytes = readSync(descriptor, chunk);
      hash.update(chunk.subarray(0, bytes));
      onProgress?.(done + bytes, total);
    }
  } finally {
    closeSync(descriptor);
  }
  return hash.digest('hex');
}
