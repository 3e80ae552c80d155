import { accessSync, constants, existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../core/errors';
import { pythonIn, pythonRecords } from '../cifar-python';
import { unreadable } from '../data-folder';
import { filesIn } from '../manifest';
import type { Source } from '../sources';
import { isNeeded } from '../sources';
import { piecesOf } from '../sums';

/** A file of a dataset as its publisher packed it, wherever its content is in a folder, and in whatever layout. */
export interface FoundFile {
  /** Name inside the dataset's folder. */
  name: string;
  /** What messages call it, if it is made from a file of another name. */
  given?: string;
  /** Length of what it is made from. */
  bytes: number;
  /** Its content. @throws UserError if it is made from something that is not what it should be. */
  pieces(): Iterable<Buffer> | AsyncIterable<Buffer>;
}

/**
 * The dataset's files that are in `folder`, also if it has another layout that people have: CIFAR's Python version,
 * Tiny ImageNet's validation images sorted into a folder for each class.
 * @throws UserError that names the first that is not a file or cannot be read.
 */
export function foundFiles(source: Source, folder: string): FoundFile[] {
  if (!existsSync(folder)) return [];
  try {
    return filesOf(source, folder);
  } catch (error) {
    throw unreadable(error, folder);
  }
}

function filesOf(source: Source, folder: string): FoundFile[] {
  const python = pythonIn(source, folder);
  if (python.length > 0) {
    return python.map(({ name, member }) => ({
      ...plainFile(folder, name),
      name: member,
      given: name,
      pieces: () => [pythonRecords(source, join(folder, name))],
    }));
  }
  const all = source.tree ? filesIn(folder) : readdirSync(folder);
  const moved = source.tree?.moved(all) ?? new Map();
  const plain = all.filter((name) => isNeeded(source, name) && !moved.has(name));
  return [
    ...plain.map((name) => plainFile(folder, name)),
    ...[...moved].map(([name, { path, text }]) => ({
      ...(path === undefined
        ? { bytes: text.length, pieces: () => [Buffer.from(text)] }
        : plainFile(folder, path)),
      name,
    })),
  ];
}

function plainFile(folder: string, name: string): FoundFile {
  const path = join(folder, name);
  return { name, bytes: readableLength(path), pieces: () => piecesOf(path) };
}

function readableLength(path: string): number {
  try {
    accessSync(path, constants.R_OK);
    const found = statSync(path);
    if (found.isFile()) return found.size;
  } catch (error) {
    throw new UserError(
      `Cannot read ${path} (${(error as NodeJS.ErrnoException).code}). See that it can be read and run again.`,
    );
  }
  throw new UserError(
    `${path} is not a file, where one of the dataset's should be. Put that file there, or remove it.`,
  );
}
