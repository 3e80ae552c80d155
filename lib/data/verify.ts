import { accessSync, constants, existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../core/errors';
import { findDataset } from './data-folder';
import { filesIn, installedSums, type Manifest, readManifest } from './manifest';
import type { Progress } from './progress';
import { builtInNames, isNeeded, type Member, type Source, sourceOf } from './sources';
import { fileSums, sumProblem } from './sums';

export interface Verification {
  folder: string;
  /** What is wrong, one sentence each; empty where every file is as it should be. */
  problems: string[];
  /** What was found. */
  members: Member[];
  /** What it means that there are no problems. */
  checked: string;
}

/**
 * Compares every file of an installed dataset with its published length and md5, and with those that it had when it
 * was installed.
 * @throws UserError where the name is unknown, a file cannot be read, or what the install wrote was changed.
 */
export async function verifyDataset(
  name: string,
  dataFolder: string,
  onProgress?: Progress,
): Promise<Verification> {
  if (builtInNames.includes(name)) {
    return { folder: name, problems: [], members: [], checked: 'built in, there is nothing to verify' };
  }
  return verifySource(sourceOf(name), dataFolder, onProgress);
}

/** Like `verifyDataset`, for a dataset described by `source`. */
export async function verifySource(
  source: Source,
  dataFolder: string,
  onProgress?: Progress,
): Promise<Verification> {
  const folder = findDataset(source, dataFolder) ?? join(dataFolder, source.folder);
  const manifest = readManifest(folder);
  const members = await measureAll(folder, presentFiles(source, folder), onProgress);
  const problems = [
    ...datasetProblems(source, folder, members),
    ...(manifest ? changes(source, installedSums(folder, manifest), members) : []),
  ];
  return { folder, problems, members, checked: whatWasChecked(source, manifest, members.length) };
}

/** Names of the dataset's files that are in `folder`. */
export function presentFiles(source: Source, folder: string): string[] {
  if (!existsSync(folder)) return [];
  const names = source.tree ? filesIn(folder) : readdirSync(folder);
  return names.filter((name) => isNeeded(source, name));
}

/** A sentence for each thing in which the files found differ from what was published. */
export function datasetProblems({ members, tree }: Source, folder: string, found: Member[]): string[] {
  if (tree) return tree.problems(folder, new Set(found.map(({ name }) => name)));
  return members.flatMap((expected) => {
    const file = found.find(({ name }) => name === expected.name);
    const problem = file && sumProblem(expected, file);
    if (problem) return [`${expected.name} has ${problem}`];
    return file ? [] : [`${expected.name} is missing`];
  });
}

/** Files without a published sum that are no longer what was installed. */
function changes({ members }: Source, installed: Map<string, string>, found: Member[]): string[] {
  const sums = new Map(found.map(({ name, md5 }) => [name, md5]));
  const published = new Set(members.map(({ name }) => name));
  return [...installed].flatMap(([name, md5]) => {
    if (published.has(name) || sums.get(name) === md5) return [];
    return sums.has(name)
      ? [`${name} has md5 ${sums.get(name)}; ${md5} was installed`]
      : [`${name} was installed and is missing`];
  });
}

/** What an install or a verification without problems tells about the files' contents. */
export function whatWasChecked(
  { members, tree }: Source,
  manifest: Manifest | undefined,
  files: number,
): string {
  if (!tree) return `all ${members.length} files have their published md5`;
  const unpublished = 'There are no published sums of their contents';
  if (!manifest)
    return `all ${files} files are there, by their names. ${unpublished}: these were not checked`;
  const since = `all ${files} files are there, each as it was installed`;
  return manifest.officialArchive
    ? `${since} from the publisher's archive`
    : `${since} from ${manifest.source}. ${unpublished}: only names and numbers were checked then`;
}

/** Length and md5 of files in a folder. */
async function measureAll(folder: string, names: string[], onProgress?: Progress): Promise<Member[]> {
  const total = totalLength(folder, names);
  let done = 0;
  const onBytes = (count: number) => {
    done += count;
    onProgress?.(done, total, 'check');
  };
  const members: Member[] = [];
  for (const name of names) members.push({ name, ...(await fileSums(join(folder, name), { onBytes })) });
  return members;
}

/**
 * Bytes of files in a folder.
 * @throws UserError that names the first that is not a file or cannot be read.
 */
export function totalLength(folder: string, names: string[]): number {
  return names.reduce((sum, name) => sum + readableLength(join(folder, name)), 0);
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
