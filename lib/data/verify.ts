import { createHash } from 'node:crypto';
import { createReadStream, existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { findDataset } from './data-folder';
import { builtInNames, type Member, type Source, sourceOf } from './sources';

export interface Verification {
  folder: string;
  /** What is wrong, one sentence each; empty where every file has its published length and md5. */
  problems: string[];
  /** What was found. */
  members: Member[];
}

/**
 * Compares every file of an installed dataset with its published length and md5.
 * @throws UserError where the name is unknown.
 */
export async function verifyDataset(name: string, dataFolder: string): Promise<Verification> {
  if (builtInNames.includes(name)) return { folder: '', problems: [], members: [] };
  return verifySource(sourceOf(name), dataFolder);
}

/** Like `verifyDataset`, for a dataset described by `source`. */
export async function verifySource(source: Source, dataFolder: string): Promise<Verification> {
  const folder = findDataset(source, dataFolder) ?? join(dataFolder, source.folder);
  const members = await Promise.all(presentFiles(source, folder).map((name) => measure(folder, name)));
  return { folder, problems: memberProblems(source, members), members };
}

/** Names of the dataset's files that are in `folder`. */
export function presentFiles({ members, extras }: Source, folder: string): string[] {
  return [...members.map(({ name }) => name), ...extras].filter((name) => existsSync(join(folder, name)));
}

/** One sentence for each of the dataset's files that is missing from `found` or differs from what was published. */
export function memberProblems(source: Source, found: Member[]): string[] {
  return source.members.flatMap(({ name, bytes, md5 }) => {
    const file = found.find((candidate) => candidate.name === name);
    if (!file) return [`${name} is missing`];
    if (file.bytes !== bytes) return [`${name} has ${file.bytes} bytes, expected ${bytes}`];
    return file.md5 === md5 ? [] : [`${name} has md5 ${file.md5}, expected ${md5}`];
  });
}

/** Length and md5 of one file. */
export async function measure(folder: string, name: string): Promise<Member> {
  const hash = createHash('md5');
  const path = join(folder, name);
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk);
  return { name, bytes: statSync(path).size, md5: hash.digest('hex') };
}
