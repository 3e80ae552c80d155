import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { UserError } from '../core/errors';
import { pythonClassNames, pythonIn, pythonRecords } from './cifar-python';
import { changesSinceInstall, readManifest } from './manifest';
import type { Source } from './sources';

/** A file of records of equal length: checked for its own length, not yet read. */
export interface RecordFile {
  path: string;
  bytes: number;
  /** Number of records. */
  count: number;
  /** Its bytes. */
  read(): Buffer;
}

/**
 * Where an install put the dataset into `folder`, all that it put there must still be there: what is left of a whole
 * dataset would pass for a subset.
 * @throws UserError that names the first file that is missing or has another length.
 */
export function checkInstalled({ name }: Source, folder: string): void {
  const manifest = readManifest(folder);
  const [change] = manifest ? changesSinceInstall(folder, manifest) : [];
  if (!change) return;
  throw new UserError(
    `${change}, and the install put the whole dataset there. Remove it with \`npx mnn data remove ${name}\` and run ` +
      `\`npx mnn data fetch ${name}\` again.`,
  );
}

/**
 * Checks a dataset's file of `recordBytes`-byte records by its length: at most the published one, since a subset
 * in the same layout has fewer records.
 * @throws UserError where the file is missing, or its length is none that it can have.
 */
export function checkRecords(source: Source, folder: string, name: string, recordBytes: number): RecordFile {
  const pickle = pythonIn(source, folder).find(({ member }) => member === name);
  const records = pickle && pythonRecords(source, join(folder, pickle.name));
  const path = join(folder, pickle?.name ?? name);
  if (!existsSync(path)) throw new UserError(`${path} is missing. ${remedy(source)}`);
  const bytes = records?.length ?? statSync(path).size;
  const full = publishedBytes(source, name);
  const count = bytes / recordBytes;
  if (count === 0 || !Number.isInteger(count) || bytes > full) {
    throw new UserError(
      `${path} has ${bytes} bytes; expected ${full}, or for a subset a smaller whole number of ` +
        `${recordBytes}-byte records, at least one. ${remedy(source)}`,
    );
  }
  return { path, bytes, count, read: () => records ?? readFileSync(path) };
}

/** Length of a dataset's file as its publisher packed it. */
export function publishedBytes({ members }: Source, name: string): number {
  return members.find((member) => member.name === name)!.bytes;
}

/** The names are official and may be missing; names that differ mean that the labels mean something else. */
export function checkClassNames(source: Source, path: string, classes: readonly string[]): void {
  const isPython = pythonIn(source, dirname(path)).length > 0;
  const names = isPython
    ? pythonClassNames(source, dirname(path))
    : existsSync(path)
      ? readFileSync(path).toString('utf8').split(/\s+/).filter(Boolean)
      : undefined;
  if (names === undefined) return;
  if (names.join() !== classes.join()) {
    throw new UserError(
      `${path} names the classes ${names.join(', ')}; expected ${classes.join(', ')}. ${remedy(source)}`,
    );
  }
}

/** @throws UserError where a label is not from `first` to `last`. */
export function checkedLabel(
  label: number,
  record: number,
  path: string,
  [first, last]: readonly [number, number],
  source: Source,
): number {
  if (label >= first && label <= last) return label;
  throw new UserError(
    `Record ${record} (counted from 0) of ${path} has label ${label}; expected ${first} to ${last}. ` +
      `The file is damaged or in another layout. ${remedy(source)}`,
  );
}

/** What to do about files that are not as they should be. */
export function remedy({ name, title }: Source): string {
  return `If this should be the official ${title}, remove that folder and run \`npx mnn data fetch ${name}\` again.`;
}
