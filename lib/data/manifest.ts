import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { UserError } from '../core/errors';
import { writeFileAtomic } from '../core/files';
import { unreadable } from './data-folder';
import type { Dataset } from './dataset';
import type { Member, Source } from './sources';

/** The manifest's own name, and that of the sums beside it, as `md5sum` writes them. */
export const manifestName = 'manifest.json';
export const sumsName = 'md5sums.txt';

/** Stands as the source in the manifest of files that were there before; no install put them there. */
export const unpackedByHand = 'unpacked by hand';

const manifestSchema = z.object({
  dataset: z.string(),
  /** Name of the archive or folder, or the address, that the files came from. */
  source: z.string(),
  /** Whether the archive's own checksum was the published one. */
  officialArchive: z.boolean(),
  members: z.array(z.object({ name: z.string(), bytes: z.int(), md5: z.string() })),
  /** In place of members where there are too many: their number, length and sums, which stand in `md5sums.txt`. */
  tree: z.object({ files: z.int(), bytes: z.int(), sha256OfSums: z.string() }).optional(),
});

/** What an install wrote beside a dataset's files: which files, how long, with which md5, from where. */
export type Manifest = z.infer<typeof manifestSchema>;

/** The manifest in a dataset's folder; undefined where there is none, as in a folder unpacked by hand. */
export function readManifest(folder: string): Manifest | undefined {
  const path = join(folder, manifestName);
  if (!existsSync(path)) return undefined;
  try {
    return manifestSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (error) {
    // A manifest that cannot be read must not be removed.
    if ((error as NodeJS.ErrnoException).syscall) throw unreadable(error, path);
    throw new UserError(`${path} is not a manifest that an install wrote. Remove that file and run again.`);
  }
}

export function writeManifest(folder: string, manifest: Manifest): void {
  writeFileAtomic(join(folder, manifestName), `${JSON.stringify(manifest, null, 2)}\n`);
}

/** Like `writeManifest`, for a dataset of very many files: their sums go to a file of their own. */
export function writeTreeManifest(folder: string, manifest: Manifest): void {
  const members = manifest.members.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const sums = members.map(({ name, md5 }) => `${md5}  ${name}\n`).join('');
  writeFileAtomic(join(folder, sumsName), sums);
  const bytes = members.reduce((sum, member) => sum + member.bytes, 0);
  const tree = { files: members.length, bytes, sha256OfSums: sha256(sums) };
  writeManifest(folder, { ...manifest, members: [], tree });
}

/**
 * The md5 that each file had when it was installed.
 * @throws UserError where the list is missing or was changed.
 */
export function installedSums(folder: string, { members, tree }: Manifest): Map<string, string> {
  if (!tree) return new Map(members.map(({ name, md5 }) => [name, md5]));
  const path = join(folder, sumsName);
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
  if (sha256(text) !== tree.sha256OfSums) {
    throw new UserError(
      `${path} is not what the install wrote. Remove the dataset with --force and install it again.`,
    );
  }
  return new Map(text.split('\n', tree.files).map((line) => [line.slice(34), line.slice(0, 32)]));
}

/**
 * A sentence for each file that is no longer as it was installed, as far as names and lengths tell; where there are
 * very many files, names alone.
 * @throws UserError where their list is missing or was changed.
 */
export function changesSinceInstall(folder: string, manifest: Manifest): string[] {
  if (manifest.tree) {
    const there = new Set(filesIn(folder));
    const missing = [...installedSums(folder, manifest).keys()].filter((name) => !there.has(name));
    return missing.map((name) => `${join(folder, name)} is missing`);
  }
  return manifest.members.flatMap(({ name, bytes }) => {
    const path = join(folder, name);
    const there = statSync(path, { throwIfNoEntry: false });
    if (!there) return [`${path} is missing`];
    return there.size === bytes ? [] : [`${path} has ${there.size} bytes; ${bytes} were installed`];
  });
}

/** Paths, inside `folder` and with slashes, of all that is in it and its subfolders. */
export function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => name.replaceAll('\\', '/'));
}

/** Bytes of all files that were installed. */
export function installedBytes({ members, tree }: Manifest): number {
  return tree?.bytes ?? members.reduce((sum: number, { bytes }: Member) => sum + bytes, 0);
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/**
 * Whether the images that were read are the published ones: by the dataset's checksum where that is known, else by
 * what the install compared. Of a folder that was unpacked by hand nobody knows.
 * @param folder of the dataset's files.
 */
export function isPublished(
  source: Source,
  folder: string,
  { checksum }: Pick<Dataset, 'checksum'>,
): boolean {
  if (source.checksum) return checksum === source.checksum;
  const manifest = readManifest(folder);
  if (!manifest) return false;
  if (source.tree) return manifest.officialArchive;
  const installed = new Map(manifest.members.map(({ name, md5 }) => [name, md5]));
  return source.members.every(({ name, md5 }) => installed.get(name) === md5);
}
