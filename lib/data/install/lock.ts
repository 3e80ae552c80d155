import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { UserError } from '../../core/errors';
import { isAlive } from '../../core/process-alive';
import type { Source } from '../sources';

/** Locks that this very process holds: one with its number that is not here is left by another of that number. */
const held = new Set<string>();

/**
 * Does `work` while no other process installs or removes the dataset. The lock of a killed process does not count.
 * @throws UserError where another is at it; errors of the disk as Node gives them.
 */
export async function whileLocked<T>(source: Source, dataFolder: string, work: () => Promise<T>): Promise<T> {
  const lock = join(dataFolder, `.${source.folder}.lock`);
  mkdirSync(dataFolder, { recursive: true });
  if (!take(lock) && !(makeWay(lock) && take(lock))) {
    throw new UserError(
      `Another process (${ownerOf(lock)?.trim() ?? 'gone since'}) is at work on ${source.title} in ${dataFolder}. Wait for ` +
        `it; where there is none, remove ${lock} and run again.`,
    );
  }
  held.add(lock);
  try {
    return await work();
  } finally {
    held.delete(lock);
    rmSync(lock, { force: true });
  }
}

function take(lock: string): boolean {
  try {
    writeFileSync(lock, `${process.pid} on ${hostname()}\n`, { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  }
}

/**
 * Moves a stale lock aside, and tells whether the lock can now be taken. Of two processes that find the same stale
 * lock only one can move it, so that the other's new one stays.
 */
function makeWay(lock: string): boolean {
  if (!isFree(lock)) return false;
  const aside = `${lock}.${process.pid}.tmp`;
  try {
    renameSync(lock, aside);
  } catch {
    return true;
  }
  const stale = isFree(aside);
  if (stale) rmSync(aside, { force: true });
  else renameSync(aside, lock);
  return stale;
}

/** Whether nobody holds the lock: its process is no more, or has just let go of it. */
function isFree(lock: string): boolean {
  const owner = ownerOf(lock);
  if (owner === undefined) return true;
  const [, pid, host] = /^(\d+) on (.*)\n$/.exec(owner) ?? [];
  if (host !== hostname()) return false;
  return Number(pid) === process.pid ? !held.has(lock) : !isAlive(Number(pid));
}

/** What stands in a lock; undefined where it has gone. */
function ownerOf(lock: string): string | undefined {
  try {
    return readFileSync(lock, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return undefined;
  }
}
