import { existsSync, lstatSync, readdirSync, realpathSync, rmdirSync, rmSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { UserError } from '../../core/errors';
import { sourceOf } from '..';
import { removeCaches } from '../cache';
import { installedSums, manifestName, readManifest, sumsName, unpackedByHand } from '../manifest';
import type { Source } from '../sources';
import { whileLocked } from './lock';

export interface Removed {
  /** Folders and files that are no longer there. */
  removed: string[];
  /** Files in the dataset's folder that no install put there: they stay. */
  kept: string[];
}

/**
 * Removes what an install put into the data folder: the dataset's files, what was made from them, downloads that were
 * not finished. With `force` the dataset's whole folder goes, whoever made it.
 * @throws UserError where the folder is a link, cannot be written, or no install put the files there and
 * `force` is not given.
 */
export async function removeDataset(
  name: string,
  dataFolder: string,
  options: { force?: boolean } = {},
): Promise<Removed> {
  return removeSource(sourceOf(name), dataFolder, options);
}

/** Like `removeDataset`, for a dataset described by `source`. */
export async function removeSource(
  source: Source,
  dataFolder: string,
  { force = false }: { force?: boolean } = {},
): Promise<Removed> {
  if (!existsSync(dataFolder)) return { removed: [], kept: [] };
  try {
    return await whileLocked(source, dataFolder, async () => removeAll(source, dataFolder, force));
  } catch (error) {
    if (error instanceof UserError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    throw new UserError(
      `Cannot remove ${source.title} from ${dataFolder} (${code ?? message}). See that this folder and all in it can ` +
        'be written, and run again.',
    );
  }
}

function removeAll(source: Source, dataFolder: string, force: boolean): Removed {
  const folder = join(dataFolder, source.folder);
  const there = isThere(folder);
  const kept = there ? removeFolder(folder, force) : [];
  const leftovers = [
    ...removeHalfFilled(source, dataFolder),
    ...removeUnfinished(source, dataFolder),
    ...removeCaches(join(realpathSync(dataFolder), source.folder)),
  ];
  return { removed: there && !isThere(folder) ? [folder, ...leftovers] : leftovers, kept };
}

function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

/** Gives the files that stay. */
function removeFolder(folder: string, force: boolean): string[] {
  if (lstatSync(folder).isSymbolicLink()) {
    throw new UserError(
      `${folder} is a link; what it leads to was not installed here. Remove the link yourself.`,
    );
  }
  if (force) {
    rmSync(folder, { recursive: true });
    return [];
  }
  const manifest = readManifest(folder);
  if (!manifest || manifest.source === unpackedByHand) {
    const why = manifest ? `was ${unpackedByHand}` : `has no ${manifestName}`;
    throw new UserError(
      `${folder} ${why}: no install put its files there, and they may be a subset or your own. Remove all of it with ` +
        '--force.',
    );
  }
  const root = realpathSync(folder);
  for (const name of installedSums(folder, manifest).keys()) removeInside(root, name);
  for (const name of ['.cache', sumsName, manifestName]) removeInside(root, name);
  return removeEmpty(folder);
}

/** Removes nothing that a link inside the folder, or a name in the manifest, would lead to elsewhere. */
function removeInside(root: string, name: string): void {
  const path = join(root, name);
  const parent = dirname(path);
  if (!existsSync(parent)) return;
  const place = `${realpathSync(parent)}${sep}`;
  if (place.startsWith(`${root}${sep}`)) rmSync(path, { recursive: true, force: true });
}

/** Removes empty folders and gives the files that are left. */
function removeEmpty(folder: string): string[] {
  const left = readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? removeEmpty(path) : [path];
  });
  if (left.length === 0) rmdirSync(folder);
  return left;
}

/** Folders that killed installs were filling; removing them is for whoever holds the lock. */
export function removeHalfFilled({ folder }: Source, dataFolder: string): string[] {
  if (!existsSync(dataFolder)) return [];
  const names = readdirSync(dataFolder).filter(
    (name) => name.startsWith(`${folder}.`) && /^\d+\.tmp$/.test(name.slice(folder.length + 1)),
  );
  return names.map((name) => join(dataFolder, name)).map(remove);
}

/** The download that was not finished, and what tells where it came from. */
function removeUnfinished({ archive }: Source, dataFolder: string): string[] {
  return [`${archive.file}.part`, `${archive.file}.part.json`]
    .map((name) => join(dataFolder, name))
    .filter(existsSync)
    .map(remove);
}

function remove(path: string): string {
  rmSync(path, { recursive: true, force: true });
  return path;
}
