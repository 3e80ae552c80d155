import { statSync } from 'node:fs';
import { join, resolve, sep } from 'node:path';
import { UserError } from '../core/errors';
import { projectRoot, withHome } from '../core/paths';

import { pythonIn } from './cifar-python';

import type { Source } from './sources';

/** The folder that datasets are kept in: the one given, else MNN_DATA, else `data` in the project. */
export function dataFolder(given?: string): string {
  return resolve(withHome(given ?? process.env.MNN_DATA ?? join(projectRoot, 'data')));
}

/**
 * The folder of a dataset's files: `folder` itself if it has them, else the dataset's own folder in it; of CIFAR also
 * that of its Python version.
 */
export function findDataset(source: Source, folder: string): string | undefined {
  const landmarks = source.tree?.landmarks ?? source.members.map(({ name }) => name);
  const found = [join(folder, source.folder), folder].find((candidate) =>
    landmarks.some((name) => isThere(join(candidate, name))),
  );
  if (found !== undefined || !source.python) return found;
  return [join(folder, source.python.folder), folder].find(
    // With a separator at its end a path is that of a folder.
    (candidate) => isThere(join(candidate, sep)) && pythonIn(source, candidate).length > 0,
  );
}

/** @throws UserError if that cannot be found out: what nobody may look into is not missing. */
function isThere(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return false;
    throw unreadable(error, path);
  }
}

/**
 * What is thrown for an error that a dataset's files made: a sentence for one of the file system's, with its own path
 * if it names one; any other as it is.
 */
export function unreadable(error: unknown, path: string): unknown {
  const { code, syscall, path: at = path } = error as NodeJS.ErrnoException;
  if (error instanceof UserError || code === undefined || syscall === undefined) return error;
  return new UserError(
    `Cannot read ${at} (${code}). See that this user may read it and all in it, and run again.`,
  );
}

/** The error for a dataset that is not there: says where it was looked for and how to get it. */
export function missingDataset({ name, title, folder, archive, python }: Source, where: string): UserError {
  const folders = python ? `${folder} or ${python.folder}` : folder;
  return new UserError(
    `${title} is not in ${where} (no ${folders} there). Get it with \`npx mnn data fetch ${name}\`, or, with ` +
      `${archive.file} or its unpacked folder at hand, \`npx mnn data fetch ${name} --from <archive or folder>\`. ` +
      'If it lies elsewhere, name that folder with --data.',
  );
}
