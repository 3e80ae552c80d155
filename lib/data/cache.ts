import { createHash } from 'node:crypto';
import { accessSync, constants, existsSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../core/errors';
import { writeFileAtomic } from '../core/files';
import { dataFolder } from './data-folder';

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
