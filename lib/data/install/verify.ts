import { join } from 'node:path';
import { findRegistered, sourceOf } from '..';
import { findDataset, unreadable } from '../data-folder';
import type { Progress } from '../dataset';
import { installedSums, type Manifest, readManifest } from '../manifest';
import type { Member, Source } from '../sources';
import { SumOf, sumProblem } from '../sums';
import { type FoundFile, foundFiles } from './found-files';

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
  if (!findRegistered(name).source) {
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
  const files = foundFiles(source, folder);
  const members = await measureAll(files, onProgress).catch((error) => {
    throw unreadable(error, folder);
  });
  const problems = [
    ...(await datasetProblems(source, files, members)),
    ...(manifest ? changes(source, installedSums(folder, manifest), members) : []),
  ];
  return { folder, problems, members, checked: describeChecks(source, manifest, members.length) };
}

/** A sentence for each thing in which the files found differ from what was published. */
export async function datasetProblems(
  { members, tree, python }: Source,
  files: readonly FoundFile[],
  found: readonly Pick<Member, 'name'>[],
): Promise<string[]> {
  if (tree) return tree.problems(await textsOf(files), new Set(found.map(({ name }) => name)));
  const measured = found as readonly Member[];
  const isPython = files.some(({ given }) => given !== undefined);
  return members.flatMap((expected) => {
    const file = measured.find(({ name }) => name === expected.name);
    const given = isPython ? python?.files.find(({ member }) => member === expected.name)?.name : undefined;
    const problem = file && sumProblem(expected, file);
    if (problem)
      return [given ? `${given}, as ${expected.name}, has ${problem}` : `${expected.name} has ${problem}`];
    return file ? [] : [`${given ?? expected.name} is missing`];
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
export function describeChecks(
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

/** The lines of the short texts among a tree's files. */
async function textsOf(files: readonly FoundFile[]): Promise<(name: string) => string[]> {
  const texts = new Map<string, string>();
  for (const { name, pieces } of files.filter(({ name }) => name.endsWith('.txt'))) {
    const parts: Buffer[] = [];
    for await (const piece of pieces()) parts.push(piece);
    texts.set(name, Buffer.concat(parts).toString('utf8'));
  }
  return (name) => (texts.get(name) ?? '').split(/\r?\n/).filter(Boolean);
}

/** Length and md5 of files. */
async function measureAll(files: readonly FoundFile[], onProgress?: Progress): Promise<Member[]> {
  const total = totalLength(files);
  let done = 0;
  const members: Member[] = [];
  for (const { name, bytes, pieces } of files) {
    const sum = new SumOf();
    for await (const piece of pieces()) sum.add(piece);
    members.push({ name, ...sum.result() });
    done += bytes;
    onProgress?.(done, total, 'check');
  }
  return members;
}

export function totalLength(files: readonly FoundFile[]): number {
  return files.reduce((sum, { bytes }) => sum + bytes, 0);
}
