import { accessSync, constants, mkdirSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { acquireRunLock } from '../../core/lock';
import type { Source } from '../sources';

/**
 * Does `work` while no other process installs or removes the dataset in `dataFolder`.
 * @throws RunLockedError if another process does; errors of the disk as Node gives them.
 */
export async function whileLocked<T>(source: Source, dataFolder: string, work: () => Promise<T>): Promise<T> {
  mkdirSync(dataFolder, { recursive: true });
  accessSync(dataFolder, constants.W_OK);
  const place = join(dataFolder, `.${source.name}`);
  const lock = acquireRunLock(place, `The install of ${source.title} in ${dataFolder}`);
  try {
    // What versions before this one locked with.
    rmSync(join(dataFolder, `.${source.folder}.lock`), { force: true });
    return await work();
  } finally {
    lock.release();
    removeEmpty(place);
  }
}

/** One that a killed process left is not removed by the lock itself. */
function removeEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // It is gone, or somebody else has locked it by now.
  }
}
