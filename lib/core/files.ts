import { randomUUID } from 'node:crypto';
import {
  accessSync,
  closeSync,
  constants,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
  writeSync,
} from 'node:fs';
import { constants as system } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { UserError } from './errors';
import { megabytes } from './text';

/**
 * Writes a file so that a reader sees the old content or the new, never a part: the chunks go to a
 * temporary name in the same folder, are synced to the disk, and the name is changed last. Written through a link, the
 * file that it leads to changes and the link stays; a file that only its user may read stays so.
 * @throws UserError that names the path and the system's reason (no space, read-only, not a folder ...).
 */
export function writeFileAtomic(path: string, chunks: string | Uint8Array | Iterable<Uint8Array>): void {
  const target = behindLinks(path);
  const temporary = temporaryName(target);
  try {
    mkdirSync(dirname(target), { recursive: true });
    const file = openSync(temporary, 'w', statSync(target, { throwIfNoEntry: false })?.mode ?? 0o666);
    try {
      for (const chunk of toChunks(chunks)) writeAll(file, chunk);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, target);
    syncFolder(dirname(target));
  } catch (error) {
    removeIfThere(temporary);
    throw writingFailed(path, error);
  }
}

/** Bytes of the longest name that file systems take. */
const longestName = 255;

/** A name beside the file's, with its name before it unless that is too long already. */
function temporaryName(target: string): string {
  const suffix = `.${randomUUID()}.tmp`;
  const fits = Buffer.byteLength(basename(target)) + suffix.length <= longestName;
  return fits ? target + suffix : join(dirname(target), suffix.slice(1));
}

/** Finds out now, not after hours of work. @throws UserError if nothing can be written into the folder. */
export function checkWritable(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK);
  } catch (error) {
    throw new UserError(`Cannot write into ${folder} (${(error as Error).message}). Choose another folder.`);
  }
}

/** Finds out now whether `writeFileAtomic` can write there. @throws UserError if it cannot. */
export function checkFileWritable(path: string): void {
  checkWritable(dirname(behindLinks(path)));
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory())
    throw new UserError(`Cannot write ${path}: it is a folder. Name a file.`);
}

/** The file that a path leads to; the path itself if there is none yet. */
function behindLinks(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/** Where no file could be made, none can be removed either: what hindered the writing is what to tell. */
function removeIfThere(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {}
}

/** The error for a file or folder that could not be written: names it, the system's reason and the way out. */
export function writingFailed(path: string, error: unknown): UserError {
  const code = systemCode(error);
  return new UserError(`Cannot write ${path} (${code ?? (error as Error).message}). ${remedy(error)}`);
}

/** The system's name for what went wrong. Node has none for a quota that is used up. */
export function systemCode(error: unknown): string | undefined {
  const { code, errno = 0 } = error as NodeJS.ErrnoException;
  return -errno === system.errno.EDQUOT ? 'EDQUOT' : code;
}

/** What makes room, if there is none left on the disk or in the user's quota; undefined for other errors. */
export function spaceRemedy(error: unknown): string | undefined {
  switch (systemCode(error)) {
    case 'ENOSPC':
      return 'The disk is full: free some space';
    case 'EDQUOT':
      return 'Your disk quota is used up: remove files of yours or ask for more space';
    default:
      return undefined;
  }
}

/**
 * The error for a file or folder that the system refuses, if its user can do something about that; undefined for every
 * other error.
 */
export function refusedBySystem(error: unknown): UserError | undefined {
  const { syscall, path } = error as NodeJS.ErrnoException;
  const code = systemCode(error) ?? '';
  const way = spaceRemedy(error) ?? waysOut[code];
  if (!syscall || !path || !way) return undefined;
  return new UserError(`Cannot read or write ${path} (${code}). ${way}, and run again.`);
}

/** The error as one that its user can mend. @throws the error itself if it is none of those. */
export function asUserError(error: unknown): UserError {
  const known = error instanceof UserError ? error : refusedBySystem(error);
  if (known) return known;
  throw error;
}

const notAllowed = 'See that this user may read it and all in it, or write it if that was wanted';

const waysOut: Record<string, string> = {
  EACCES: notAllowed,
  EPERM: notAllowed,
  EROFS: 'It cannot be written there: choose another folder',
  ENOTDIR: 'A file is where a folder is needed: name a folder',
  EISDIR: 'It is a folder: name a file',
  ELOOP: 'Its links lead in a circle: mend them',
  ENAMETOOLONG: 'Choose a shorter name',
  EMFILE: 'Too many files are open: raise the limit (ulimit -n)',
  EIO: 'Check the disk, or the share',
  ESTALE: 'The share has changed: mount it again',
};

/**
 * Makes changed names last; without it a power cut may take back what was renamed. Not every file system can (shares
 * over SMB or FUSE answer EINVAL, Windows opens no folder), nor may every user read the folder: the files are written
 * all the same.
 */
export function syncFolder(folder: string): void {
  try {
    const handle = openSync(folder, 'r');
    try {
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
  } catch (error) {
    if (spaceRemedy(error) !== undefined || systemCode(error) === 'EIO') throw error;
  }
}

/** What is in a folder, without hidden files: a Mac leaves a `._name` beside each file on other file systems. */
export function visibleNames(folder: string): string[] {
  return readdirSync(folder).filter((name) => !name.startsWith('.'));
}

function toChunks(chunks: string | Uint8Array | Iterable<Uint8Array>): Iterable<Uint8Array> {
  if (typeof chunks === 'string') return [Buffer.from(chunks)];
  return chunks instanceof Uint8Array ? [chunks] : chunks;
}

/** `writeSync` may write less than it is given. */
export function writeAll(file: number, chunk: Uint8Array): void {
  for (let written = 0; written < chunk.length; ) written += writeSync(file, chunk, written);
}

function remedy(error: unknown): string {
  const space = spaceRemedy(error);
  if (space) return `${space} and run again; what was there before is untouched.`;
  switch (systemCode(error)) {
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return 'The folder cannot be written: choose another one or change its permissions.';
    case 'ENOTDIR':
    case 'EEXIST':
      return 'A file stands where a folder is needed: choose another folder.';
    default:
      return 'What was there before is untouched.';
  }
}

/** @throws UserError where the disk below `folder` has less free space than is needed. */
export function checkSpace(folder: string, bytes: number): void {
  const { bavail, bsize } = statfsSync(folder);
  if (bavail * bsize >= bytes) return;
  throw new UserError(
    `${folder} has ${megabytes(bavail * bsize)} free, where ${megabytes(bytes)} are needed. Free some space and run again.`,
  );
}
