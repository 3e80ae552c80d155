import { copyFileSync, existsSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { UserError } from '../errors';
import { findDataset } from './data-folder';
import { downloadFile } from './download';
import { type Manifest, readManifest, writeManifest } from './manifest';
import { builtInNames, type Member, type Source, sourceOf } from './sources';
import { type Progress, type Unpacked, unpackTar } from './unpack';
import { measure, memberProblems, presentFiles, verifySource } from './verify';

export interface InstallOptions {
  /** An archive or folder at hand; without it the publisher's archive is downloaded. */
  from?: string;
  /** The folder that holds all datasets. */
  dataFolder: string;
  onProgress?: Progress;
}

export interface Installed {
  /** Whether the dataset was built in, there before, or installed now. */
  state: 'built-in' | 'already' | 'installed';
  folder: string;
  /** One plain sentence for the reader. */
  message: string;
}

/**
 * Installs a dataset into `<dataFolder>/<its folder>`, every file checked by its published md5, and writes a
 * manifest beside the files. The folder appears whole or not at all. One that is there and right is left alone.
 * @throws UserError where the name is unknown, or the archive, folder or download is not the dataset.
 */
export async function installDataset(name: string, options: InstallOptions): Promise<Installed> {
  if (builtInNames.includes(name)) {
    return { state: 'built-in', folder: '', message: `${name} is built in: there is nothing to fetch.` };
  }
  return installSource(sourceOf(name), options);
}

/** Like `installDataset`, for a dataset described by `source`. */
export async function installSource(source: Source, options: InstallOptions): Promise<Installed> {
  const folder = join(options.dataFolder, source.folder);
  if (existsSync(folder)) return acceptExisting(source, folder, options.dataFolder);
  const temporary = makeTemporary(source, folder);
  try {
    const manifest = await fill(source, temporary, options);
    writeManifest(temporary, manifest);
    renameSync(temporary, folder);
    return { state: 'installed', folder, message: installedMessage(source, folder, manifest) };
  } catch (error) {
    rmSync(temporary, { recursive: true, force: true });
    throw error instanceof UserError ? error : systemError(source, folder, error as NodeJS.ErrnoException);
  }
}

/** A folder beside the final one, so that changing its name is all that is left to do. */
function makeTemporary(source: Source, folder: string): string {
  const temporary = `${folder}.${process.pid}.tmp`;
  try {
    mkdirSync(temporary, { recursive: true });
    return temporary;
  } catch (error) {
    throw systemError(source, folder, error as NodeJS.ErrnoException);
  }
}

/** Puts the dataset's checked files into `folder` and tells where they came from. */
async function fill(source: Source, folder: string, options: InstallOptions): Promise<Manifest> {
  const { from } = options;
  if (from === undefined) return fillFromDownload(source, folder, options);
  if (!existsSync(from)) throw new UserError(`${from} does not exist. Give --from an archive or a folder.`);
  if (statSync(from).isDirectory()) {
    const members = checkMembers(source, await copyMembers(source, from, folder), from);
    return { dataset: source.name, source: basename(from), officialArchive: false, members };
  }
  const unpacked = await unpackTar(source, from, folder, options.onProgress);
  return fromArchive(source, from, basename(from), unpacked);
}

async function fillFromDownload(source: Source, folder: string, options: InstallOptions): Promise<Manifest> {
  const [url] = source.archive.urls;
  const { file: archiveName, ...sums } = source.archive;
  const file = join(options.dataFolder, archiveName);
  await downloadFile({ ...sums, url, file, onProgress: options.onProgress });
  const unpacked = await unpackTar(source, file, folder);
  rmSync(file);
  return fromArchive(source, file, url, unpacked);
}

function fromArchive(
  source: Source,
  archive: string,
  from: string,
  { archiveMd5, members }: Unpacked,
): Manifest {
  return {
    dataset: source.name,
    source: from,
    officialArchive: archiveMd5 === source.archive.md5,
    members: checkMembers(source, members, archive),
  };
}

async function copyMembers(source: Source, from: string, to: string): Promise<Member[]> {
  const found = findDataset(source, from);
  if (!found)
    throw new UserError(`${from} neither is nor holds ${source.folder} with ${source.members[0].name}.`);
  const present = presentFiles(source, found);
  for (const name of present) copyFileSync(join(found, name), join(to, name));
  return Promise.all(present.map((name) => measure(to, name)));
}

/** The files that were found, where all of the dataset's are among them with their published md5. */
function checkMembers(source: Source, found: Member[], from: string): Member[] {
  const [problem] = memberProblems(source, found);
  if (!problem) return found;
  throw new UserError(
    `${from} is not the whole ${source.title}: ${problem}. Fetch it again; a subset in the same layout is not ` +
      'installed but used where it is, with --data <its folder>.',
  );
}

async function acceptExisting(source: Source, folder: string, dataFolder: string): Promise<Installed> {
  const { problems, members } = await verifySource(source, dataFolder);
  if (problems.length > 0) {
    throw new UserError(
      `${folder} is there, but is not the whole ${source.title}: ${problems.join('; ')}. Remove or rename that ` +
        'folder and run again.',
    );
  }
  if (!readManifest(folder)) {
    writeManifest(folder, {
      dataset: source.name,
      source: 'unpacked by hand',
      officialArchive: false,
      members,
    });
  }
  return {
    state: 'already',
    folder,
    message: `${source.title} is already in ${folder}; every file has its published md5.`,
  };
}

function installedMessage({ title, members }: Source, folder: string, { officialArchive }: Manifest): string {
  const archive = officialArchive
    ? "The archive is the publisher's"
    : "What was given is not the publisher's archive, byte for byte";
  return `${title} is in ${folder}. ${archive}; all ${members.length} files have their published md5.`;
}

function systemError({ title }: Source, folder: string, { code, message }: NodeJS.ErrnoException): UserError {
  const remedy =
    code === 'ENOSPC'
      ? 'Free some disk space'
      : 'See that the folder can be written, or choose another with --data,';
  return new UserError(
    `Cannot install ${title} in ${folder} (${code ?? message}). Nothing was left there. ${remedy} and run again.`,
  );
}
