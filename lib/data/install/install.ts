import { closeSync, existsSync, mkdirSync, openSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { UserError } from '../../core/errors';
import { checkSpace, spaceRemedy, syncFolder, systemCode } from '../../core/files';
import { findRegistered, sourceOf } from '..';
import { findDataset, unreadable } from '../data-folder';
import type { Progress } from '../dataset';
import { downloadFile, type TransferOptions } from '../download';
import { type Manifest, readManifest, unpackedByHand, writeManifest, writeTreeManifest } from '../manifest';
import { PartFile } from '../part-file';
import { asPythonSource, type Member, neededSpace, type Source } from '../sources';
import { fileSums, sumProblem } from '../sums';
import { MemberFile } from './entries';
import { type FoundFile, foundFiles } from './found-files';
import { whileLocked } from './lock';
import { removeHalfFilled } from './remove';
import { firstFolder, unpackArchive } from './unpack';
import { datasetProblems, describeChecks, totalLength, verifySource } from './verify';

export interface InstallOptions extends TransferOptions {
  /** An archive or folder at hand; without it the publisher's archive is downloaded. */
  from?: string;
  /** The folder that holds all datasets. */
  dataFolder: string;
}

export interface Installed {
  /** Whether the dataset was built in, there before, or installed now. */
  state: 'built-in' | 'already' | 'installed';
  folder: string;
  /** What happened and what was checked, for the reader. */
  message: string;
}

/**
 * Installs a dataset into `<dataFolder>/<its folder>`, every file checked by its published md5, and writes a
 * manifest beside the files. The folder appears whole or not at all. One that is there and right is left alone.
 * @throws UserError where the name is unknown, the archive, folder or download is not the dataset, the disk is full
 * or cannot be written, or another process is at it.
 */
export async function installDataset(name: string, options: InstallOptions): Promise<Installed> {
  if (!findRegistered(name).source) {
    return { state: 'built-in', folder: '', message: `${name} is built in: there is nothing to fetch.` };
  }
  return installSource(sourceOf(name), options);
}

/** Like `installDataset`, for a dataset described by `source`. */
export async function installSource(source: Source, options: InstallOptions): Promise<Installed> {
  const folder = join(options.dataFolder, source.folder);
  try {
    if (existsSync(folder)) return await acceptExisting(source, folder, options);
    return await whileLocked(source, options.dataFolder, async () => {
      removeHalfFilled(source, options.dataFolder);
      // Another process may have been faster.
      if (existsSync(folder)) return acceptExisting(source, folder, options);
      return installNew(source, folder, options);
    });
  } catch (error) {
    throw error instanceof UserError ? error : systemError(source, folder, error as NodeJS.ErrnoException);
  }
}

async function installNew(source: Source, folder: string, options: InstallOptions): Promise<Installed> {
  const given = options.from ?? (await fetchArchive(source, options));
  if (!existsSync(given)) throw new UserError(`${given} does not exist. Give --from an archive or a folder.`);
  const from = archiveIn(source, given) ?? given;
  checkReadable(from);
  // Beside the final folder, so that changing its name is all that is left to do.
  const temporary = `${folder}.${process.pid}.tmp`;
  try {
    mkdirSync(temporary);
    const fill = statSync(from).isDirectory() ? fillFromFolder : fillFromArchive;
    const { members, ...origin } = await fill(source, from, temporary, options);
    await checkWhole(source, from, foundFiles(source, temporary), members);
    const manifest = record(source, temporary, { dataset: source.name, ...origin, members });
    renameSync(temporary, folder);
    syncFolder(options.dataFolder);
    if (options.from === undefined) rmSync(given);
    return { state: 'installed', folder, message: installedMessage(source, folder, manifest, members) };
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

/** The publisher's archive in a folder without the unpacked files, as in one of downloads. */
function archiveIn(source: Source, folder: string): string | undefined {
  if (!statSync(folder).isDirectory() || findDataset(source, folder)) return undefined;
  const { archive, python } = source;
  const names = [archive.file, ...(python ? [python.archive.file] : [])];
  return names.map((name) => join(folder, name)).find((file) => existsSync(file));
}

/** An archive that cannot be read is no fault of the place it is unpacked to. */
function checkReadable(from: string): void {
  try {
    closeSync(openSync(from, 'r'));
  } catch (error) {
    throw unreadable(error, from);
  }
}

/**
 * The publisher's archive in the data folder, downloaded where it is not there from an install that was stopped
 * before it was unpacked.
 */
async function fetchArchive(source: Source, options: InstallOptions): Promise<string> {
  const { file: name, ...archive } = source.archive;
  const file = join(options.dataFolder, name);
  if (!existsSync(file)) {
    checkSpace(options.dataFolder, archive.bytes - new PartFile(file).bytes + neededSpace(source));
    const otherWay = 'Or fetch the file another way and give it, or its unpacked folder, with --from.';
    await downloadFile({ ...options, ...archive, file, otherWay });
    return file;
  }
  const problem = await archiveProblem(source, file, options.onProgress);
  if (!problem) return file;
  throw new UserError(
    `${file} is there, but is not the publisher's: it has ${problem}. Remove it and run again, or take the files out ` +
      `of it all the same with --from ${file}.`,
  );
}

async function archiveProblem(
  { archive }: Source,
  file: string,
  onProgress?: Progress,
): Promise<string | undefined> {
  const total = statSync(file).size;
  let done = 0;
  const onBytes = (count: number) => {
    done += count;
    onProgress?.(done, total, 'check');
  };
  return sumProblem(archive, await fileSums(file, { sha256: archive.sha256 !== undefined, onBytes }));
}

type Filled = Omit<Manifest, 'dataset' | 'tree'>;

async function fillFromArchive(
  source: Source,
  from: string,
  folder: string,
  options: InstallOptions,
): Promise<Filled> {
  const { onProgress, dataFolder } = options;
  const python = await pythonArchive(source, from);
  if (python) return fillFromPython(source, python, from, folder, options);
  // One that was fetched has been checked.
  const problem = options.from && (await archiveProblem(source, from, onProgress));
  if (problem && source.tree) {
    throw new UserError(
      `${from} is not the publisher's ${source.archive.file}: it has ${problem}. There are no published sums of the ` +
        'files in it to check instead. Unpack it yourself, where you trust it, and run with --from <that folder>.',
    );
  }
  checkSpace(dataFolder, neededSpace(source));
  const members = await unpackArchive(source, from, folder, onProgress);
  const name = options.from === undefined ? source.archive.urls[0] : basename(from);
  return { source: name, officialArchive: !problem, members };
}

/** The Python version's source, if an archive has its folder. */
async function pythonArchive(source: Source, from: string): Promise<Source | undefined> {
  const python = asPythonSource(source);
  return python && (await firstFolder(from)) === python.folder ? python : undefined;
}

/** Unpacks the pickles beside the dataset's files, which are made from them. */
async function fillFromPython(
  source: Source,
  python: Source,
  from: string,
  folder: string,
  options: InstallOptions,
): Promise<Filled> {
  const problem = await archiveProblem(python, from, options.onProgress);
  checkSpace(options.dataFolder, neededSpace(source) + neededSpace(python));
  const pickles = join(folder, python.folder);
  mkdirSync(pickles);
  await unpackArchive(python, from, pickles, options.onProgress);
  const filled = await fillFromFolder(source, pickles, folder, options, from);
  rmSync(pickles, { recursive: true });
  return { ...filled, source: basename(from), officialArchive: !problem };
}

async function fillFromFolder(
  source: Source,
  from: string,
  folder: string,
  { dataFolder, onProgress }: InstallOptions,
  given: string = from,
): Promise<Filled> {
  const found = findDataset(source, from);
  if (!found) {
    const { title, archive, python } = source;
    const folders = [source.folder, ...(python ? [python.folder] : [])].join(' nor ');
    const archives = [archive.file, ...(python ? [python.archive.file] : [])].join(' nor ');
    throw new UserError(
      `${given} has neither ${folders}, the files of ${title}, nor ${archives}, their archive. ` +
        'Its images in another format, such as PNG or Parquet, have no published sums: they are not read.',
    );
  }
  const files = foundFiles(source, found);
  if (source.tree) await checkWhole(source, given, files, files);
  const total = totalLength(files);
  checkSpace(dataFolder, neededSpace(source));
  let done = 0;
  const onBytes = (count: number) => {
    done += count;
    onProgress?.(done, total, 'copy');
  };
  const members: Member[] = [];
  for (const file of files) members.push(await copyMember(file, folder, onBytes));
  // By the names that were given; what was copied has the dataset's.
  if (!source.tree) await checkWhole(source, given, files, members);
  return { source: basename(from), officialArchive: false, members };
}

/** @throws UserError that says what of the dataset is missing or other than published. */
async function checkWhole(source: Source, from: string, ...found: Found): Promise<void> {
  const [problem] = await datasetProblems(source, ...found);
  if (problem) throw incomplete(source, from, problem);
}

type Found = [files: readonly FoundFile[], found: readonly Pick<Member, 'name'>[]];

async function copyMember(
  { name, pieces }: FoundFile,
  folder: string,
  onBytes: (count: number) => void,
): Promise<Member> {
  const file = new MemberFile(folder, name);
  try {
    for await (const piece of pieces()) {
      file.write(piece);
      onBytes(piece.length);
    }
  } catch (error) {
    file.close();
    throw error;
  }
  return file.close();
}

function record(source: Source, folder: string, manifest: Manifest): Manifest {
  const write = source.tree ? writeTreeManifest : writeManifest;
  write(folder, manifest);
  return manifest;
}

async function acceptExisting(
  source: Source,
  folder: string,
  { dataFolder, onProgress }: InstallOptions,
): Promise<Installed> {
  const { problems, members, checked } = await verifySource(source, dataFolder, onProgress);
  if (problems.length > 0) {
    throw new UserError(
      `${folder} is there, but is not the whole ${source.title}: ${problems.slice(0, 10).join('; ')}. Remove or ` +
        'rename that folder and run again.',
    );
  }
  if (!readManifest(folder)) {
    record(source, folder, {
      dataset: source.name,
      source: unpackedByHand,
      officialArchive: false,
      members,
    });
  }
  return { state: 'already', folder, message: `${source.title} is already in ${folder}; ${checked}.` };
}

function installedMessage(source: Source, folder: string, manifest: Manifest, members: Member[]): string {
  const { title, tree } = source;
  const checked = describeChecks(source, manifest, members.length);
  if (tree) return `${title} is in ${folder}; ${checked}.`;
  const archive = manifest.officialArchive
    ? "The archive is the publisher's"
    : "What was given is not the publisher's archive, byte for byte";
  return `${title} is in ${folder}. ${archive}; ${checked}.`;
}

function incomplete({ title }: Source, from: string, problem: string): UserError {
  return new UserError(
    `${from} is not the whole ${title}: ${problem}. Fetch it again; a subset in the same layout is not installed but ` +
      'used where it is, with --data <its folder>.',
  );
}

function systemError({ title, archive }: Source, folder: string, error: NodeJS.ErrnoException): UserError {
  const remedy = spaceRemedy(error) ?? 'See that the folder can be written, or choose another with --data,';
  const at = join(dirname(folder), archive.file);
  const kept = [at, `${at}.part`].find((file) => existsSync(file));
  return new UserError(
    `Cannot install ${title} in ${folder} (${systemCode(error) ?? error.message}). ` +
      (kept ? `${kept} is kept, so that it need not be downloaded again. ` : 'Nothing was left there. ') +
      `${remedy} and run again.`,
  );
}
