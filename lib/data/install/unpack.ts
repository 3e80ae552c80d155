import { closeSync, openSync, readSync } from 'node:fs';
import type { Progress } from '../dataset';
import type { Member, Source } from '../sources';
import { firstTarFolder, unpackTar } from './unpack-tar';

import { firstZipFolder, unpackZip } from './unpack-zip';

/**
 * Unpacks the files that a dataset needs from a tar or zip archive into `folder`, in a stream; others are passed
 * over. Gives what was written, with md5 sums taken on the way.
 * @throws UserError where it is no archive or a broken one, and for what `entryChecker` refuses.
 */
export async function unpackArchive(
  source: Source,
  archive: string,
  folder: string,
  onProgress?: Progress,
): Promise<Member[]> {
  const unpack = isZip(archive) ? unpackZip : unpackTar;
  return unpack(source, archive, folder, onProgress);
}

/** The folder that an archive's first entry is in; undefined if there is none, or the archive cannot be read. */
export async function firstFolder(archive: string): Promise<string | undefined> {
  return isZip(archive) ? firstZipFolder(archive) : firstTarFolder(archive);
}

/** By its first bytes: an archive from elsewhere may have any name. */
function isZip(path: string): boolean {
  const start = Buffer.alloc(2);
  const file = openSync(path, 'r');
  try {
    readSync(file, start, 0, 2, 0);
  } finally {
    closeSync(file);
  }
  return start.toString() === 'PK';
}
