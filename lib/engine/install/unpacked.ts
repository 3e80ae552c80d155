import {
  copyFileSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  symlinkSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { UserError } from '../../core/errors';
import type { EngineLayout } from './folders';
import {
  checkMetadata,
  checkPlatform,
  fileChecksum,
  linkerNames,
  mainHeader,
  neededHeaders,
  readCudaRequirements,
  readRecord,
  type TensorFlowSource,
  wheelLibraries,
} from './library';

/**
 * TensorFlow in a folder: an unpacked wheel or a folder of Python packages that holds `tensorflow`, or `include`
 * and `lib` as in TensorFlow's C archive. Its files are linked to, not copied, where the disk allows it.
 * @throws UserError where the folder holds neither, or another TensorFlow than one that serves.
 */
export async function openUnpacked(folder: string, { gpu = false } = {}): Promise<TensorFlowSource> {
  const packaged = [join(folder, 'tensorflow'), folder].find((place) =>
    wheelLibraries().every((name) => existsSync(join(place, name))),
  );
  if (packaged) return pythonPackage(packaged, gpu);
  const library = join(folder, 'lib', linkerNames()[0][0]);
  if (existsSync(library) && existsSync(join(folder, 'include', mainHeader)))
    return cArchive(folder, library);
  throw new UserError(
    `${folder} holds no TensorFlow that serves: neither tensorflow/${wheelLibraries()[0]}, as an unpacked wheel ` +
      `does, nor lib/${linkerNames()[0][0]} and include/${mainHeader}, as TensorFlow's C archive does.`,
  );
}

async function pythonPackage(folder: string, gpu: boolean): Promise<TensorFlowSource> {
  const include = join(folder, 'include');
  if (!existsSync(join(include, mainHeader))) {
    throw new UserError(`${folder} holds TensorFlow's libraries, but not include/${mainHeader}.`);
  }
  const info = readDistInfo(dirname(folder));
  if (info) {
    checkMetadata(info.metadata, folder, gpu);
    checkPlatform(info.tags, folder);
  }
  return {
    title: folder,
    bytes: 0,
    cudaRequirements: info && readCudaRequirements(info.metadata),
    async take(layout) {
      const sums = await Promise.all(wheelLibraries().map((name) => fileChecksum(join(folder, name))));
      wheelLibraries().forEach((name, i) => {
        const expected = info?.sums.get(`tensorflow/${name}`);
        if (expected && expected !== sums[i]) {
          throw new UserError(
            `${join(folder, name)} has sha256 ${sums[i]}, where RECORD says ${expected}. Install TensorFlow there again.`,
          );
        }
      });
      linkLibraries(folder, wheelLibraries(), layout);
      for (const [name, target] of linkerNames()) symlinkSync(target, join(layout.libraries, name));
      linkHeaders(include, layout, neededHeaders);
      return sums[0];
    },
  };
}

async function cArchive(folder: string, library: string): Promise<TensorFlowSource> {
  return {
    title: folder,
    bytes: 0,
    async take(layout) {
      const libraries = join(folder, 'lib');
      linkLibraries(
        libraries,
        readdirSync(libraries).filter((name) => name.startsWith('libtensorflow')),
        layout,
      );
      linkHeaders(join(folder, 'include'), layout, /\.h$/);
      return fileChecksum(library);
    },
  };
}

interface DistInfo {
  metadata: string;
  tags: string;
  sums: Map<string, string>;
}

/** What pip wrote about TensorFlow beside its package; undefined where there is nothing. */
function readDistInfo(folder: string): DistInfo | undefined {
  const name = readdirSync(folder).find((entry) => /^tensorflow(_cpu|_gpu)?-\d.*\.dist-info$/.test(entry));
  if (!name) return undefined;
  const read = (file: string) => readFileSync(join(folder, name, file), 'utf8');
  return { metadata: read('METADATA'), tags: read('WHEEL'), sums: readRecord(read('RECORD')) };
}

function linkLibraries(from: string, names: string[], layout: EngineLayout): void {
  mkdirSync(layout.libraries, { recursive: true });
  for (const name of names) linkFile(join(from, name), join(layout.libraries, name));
}

function linkHeaders(from: string, layout: EngineLayout, wanted: RegExp): void {
  for (const name of readdirSync(from, { recursive: true, encoding: 'utf8' })) {
    if (!wanted.test(name)) continue;
    mkdirSync(dirname(join(layout.headers, name)), { recursive: true });
    linkFile(join(from, name), join(layout.headers, name));
  }
}

/** A link to a neighbor stays one; other files are linked to, or copied from another disk. */
function linkFile(from: string, to: string): void {
  if (lstatSync(from).isSymbolicLink() && readlinkSync(from) === basename(readlinkSync(from))) {
    symlinkSync(readlinkSync(from), to);
    return;
  }
  try {
    linkSync(realpathSync(from), to);
  } catch {
    copyFileSync(from, to);
  }
}
