import { createHash } from 'node:crypto';
import { accessSync, constants, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomic } from '../atomic-write';
import { UserError } from '../errors';
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
    const id = createHash('sha256').update(realpathSync(folder)).digest('hex').slice(0, 16);
    return join(dataFolder(), '.cache', `${id}-${name}`);
  }
}

/** Writes into a cache. Where that is not possible nothing is kept: it costs time, and nothing else. */
export function keep(path: string, chunks: string | Iterable<Uint8Array>): void {
  try {
    writeFileAtomic(path, chunks);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
  }
}
