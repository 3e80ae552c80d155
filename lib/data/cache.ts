import { createHash } from 'node:crypto';
import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  readdirSync,
  readFileSync,
  readSync,
  realpathSync,
  rmSync,
  statSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { UserError } from '../core/errors';
import { writeFileAtomic } from '../core/files';
import { dataFolder } from './data-folder';
import type { Progress } from './dataset';
import { openForReading } from './open-images';

/**
 * Where something is kept that was made from the files in a dataset's folder: in its subfolder `.cache` where it
 * can be written, else in that of the kit's own data folder.
 */
export function cachePath(folder: string, name: string): string {
  try {
    accessSync(folder, constants.W_OK);
    return join(folder, '.cache', name);
  } catch {
    return join(sharedCache(), `${folderId(realpathSync(folder))}-${name}`);
  }
}

/** Removes what was made from a dataset's folder, named by its real path, while that could not be written. */
export function removeCaches(folder: string): string[] {
  const place = sharedCache();
  if (!existsSync(place)) return [];
  const paths = readdirSync(place)
    .filter((name) => name.startsWith(`${folderId(folder)}-`))
    .map((name) => join(place, name));
  for (const path of paths) rmSync(path, { force: true });
  return paths;
}

function sharedCache(): string {
  return join(dataFolder(), '.cache');
}

function folderId(folder: string): string {
  return createHash('sha256').update(folder).digest('hex').slice(0, 16);
}

/** Writes into a cache. Where that is not possible nothing is kept: it costs time, and nothing else. */
export function keep(path: string, chunks: string | Iterable<Uint8Array>): void {
  try {
    writeFileAtomic(path, chunks);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
  }
}

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
