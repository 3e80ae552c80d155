import { createHash } from 'node:crypto';
import { type Dirent, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../core/errors';
import { cachePath } from './cache';
import { findDataset, missingDataset } from './data-folder';
import type { Progress } from './dataset';
import { allocatePixels, type DatasetInMemory } from './dataset';
import { imageFolder } from './image-folder';
import { decodeJpegs, decoderVersion } from './jpegs';
import { keepPixels, type PixelSplits, restorePixels } from './pixel-cache';
import { checkInstalled, remedy } from './records';
import type { RegisteredDataset } from './registry';
import { factsOf, type Source } from './sources';

/**
 * Tiny ImageNet (http://cs231n.stanford.edu). The sums of its archive stand in several public lists; there are none
 * of its 110,000 images.
 */
const source: Source = {
  name: 'tiny-imagenet',
  title: 'Tiny ImageNet',
  classes: 200,
  train: 100_000,
  test: 10_000,
  archive: {
    file: 'tiny-imagenet-200.zip',
    urls: [
      'https://cs231n.stanford.edu/tiny-imagenet-200.zip',
      'http://cs231n.stanford.edu/tiny-imagenet-200.zip',
    ],
    bytes: 248_100_043,
    md5: '90528d7ca1a48142e341f4ef8d21d0de',
    sha256: '6198c8ae015e2b3e007c7841da39ec069199b9aa3bfa943a462022fe5e43c821',
  },
  folder: 'tiny-imagenet-200',
  members: [],
  extras: [],
  tree: imageFolder({ classes: 200, perClass: 500, test: 10_000, maxBytes: 1e9, diskBytes: 5e8 }),
};

const size = 64;

/**
 * Reads Tiny ImageNet from a folder that is or holds `tiny-imagenet-200`. Its validation images are the test
 * split, since those in `test` have no labels. A subset in the same layout, with fewer lines in wnids.txt, is read
 * too. The decoded images are kept in a cache and taken from there while no file of the dataset has changed.
 *
 * Layout: `train/<wnid>/images/*.JPEG`; `val/images/*.JPEG`, with their wnids in `val/val_annotations.txt`. Images sorted
 * for torchvision's ImageFolder are read too, from `val/<wnid>/images` or `val/<wnid>`, in the same order. Classes
 * are numbered by the alphabetical order of their wnids, training images are sorted by their paths (as by
 * torchvision's ImageFolder) and validation images by their names. Grayscale images become RGB.
 * @param onProgress told how many images are decoded.
 * @throws UserError where a file or folder is missing or too many, or an image is damaged or of another size.
 */
export async function readTinyImagenet(folder: string, onProgress?: Progress): Promise<DatasetInMemory> {
  const found = findDataset(source, folder);
  if (!found) throw missingDataset(source, folder);
  checkInstalled(source, found);
  const wnids = readWnids(found);
  const files = { train: trainFiles(found, wnids), test: validationFiles(found, wnids) };
  const splits = { train: emptySplit(files.train), test: emptySplit(files.test) };
  const cache = cachePath(found, 'pixels.bin');
  const key = filesKey(found, [...files.train, ...files.test]);
  const checksum =
    restorePixels(cache, key, splits) ?? (await decodeAll(found, files, splits, { cache, key, onProgress }));
  return {
    name: source.name,
    classes: classNames(found, wnids),
    imageSize: size,
    ...splits,
    normalization: { mean: [0.4802, 0.4481, 0.3975], std: [0.2302, 0.2265, 0.2262] },
    checksum,
  };
}

/** An image's file, by its path inside the dataset's folder, and its class. */
interface LabeledFile {
  name: string;
  label: number;
}

function readWnids(folder: string): string[] {
  const wnids = lines(folder, 'wnids.txt').sort();
  const known = new Set(wnids);
  const stray = entries(folder, 'train').find((entry) => !entry.isFile() && !known.has(entry.name))?.name;
  if (stray) {
    throw new UserError(`${join(folder, 'train', stray)} is no class of wnids.txt. ${remedy(source)}`);
  }
  return wnids;
}

function trainFiles(folder: string, wnids: readonly string[]): LabeledFile[] {
  return wnids.flatMap((wnid, label) => {
    const images = imagesOf(folder, `train/${wnid}`);
    const names = imageNames(folder, images);
    if (names.length === 0) {
      throw new UserError(`${join(folder, images)} holds no .JPEG file. ${remedy(source)}`);
    }
    return names.map((name) => ({ name: `${images}/${name}`, label }));
  });
}

function validationFiles(folder: string, wnids: readonly string[]): LabeledFile[] {
  const annotations = 'val/val_annotations.txt';
  const annotated = existsSync(join(folder, annotations)) ? lines(folder, annotations) : [];
  const wnidOf = new Map(annotated.map((line) => line.split('\t') as [string, string]));
  const sorted = sortedImages(folder, wnids, wnidOf);
  if (sorted.size === 0 && annotated.length === 0) lines(folder, annotations);
  const unsorted =
    sorted.size > 0 && !existsSync(join(folder, 'val/images')) ? [] : imageNames(folder, 'val/images');
  const names = [...new Set([...unsorted, ...sorted.keys()])].sort();
  const present = new Set(names);
  const missing = [...wnidOf.keys()].find((name) => !present.has(name));
  if (missing) {
    throw new UserError(
      `${join(folder, 'val/images', missing)} is missing; ${annotations} names it. ${remedy(source)}`,
    );
  }
  return names.map((name) => {
    const { wnid, path } = sorted.get(name) ?? { wnid: wnidOf.get(name), path: `val/images/${name}` };
    const label = wnids.indexOf(wnid ?? '');
    if (label >= 0) return { name: path, label };
    throw new UserError(
      `${join(folder, annotations)} gives ${name} ${wnid ? `the class ${wnid}, which wnids.txt lacks` : 'no class'}. ` +
        remedy(source),
    );
  });
}

/**
 * Validation images in a folder of their class, by their names.
 * @throws UserError if two have one name, or the annotations give one another class.
 */
function sortedImages(
  folder: string,
  wnids: readonly string[],
  wnidOf: ReadonlyMap<string, string>,
): Map<string, { wnid: string; path: string }> {
  const found = new Map<string, { wnid: string; path: string }>();
  for (const wnid of wnids.filter((each) => existsSync(join(folder, 'val', each)))) {
    const images = imagesOf(folder, `val/${wnid}`);
    for (const name of imageNames(folder, images)) {
      const path = `${images}/${name}`;
      const other = found.get(name)?.path ?? (wnidOf.get(name) ?? wnid) !== wnid;
      if (other) {
        const says =
          typeof other === 'string'
            ? `${other} has the same name`
            : `val_annotations.txt gives it ${wnidOf.get(name)}`;
        throw new UserError(
          `${join(folder, path)} is of the class ${wnid} by its folder, and ${says}. ${remedy(source)}`,
        );
      }
      found.set(name, { wnid, path });
    }
  }
  return found;
}

/** Where a class's images are: in a folder `images` inside its own, or in that itself. */
function imagesOf(folder: string, ofClass: string): string {
  const inside = `${ofClass}/images`;
  return existsSync(join(folder, ofClass)) &&
    !existsSync(join(folder, inside)) &&
    imageNames(folder, ofClass).length > 0
    ? ofClass
    : inside;
}

function imageNames(folder: string, name: string): string[] {
  const names = entries(folder, name).map((entry) => entry.name);
  return names.filter((file) => file.endsWith('.JPEG')).sort();
}

/** What is in a folder, but for what begins with a dot: systems leave such files where images were looked at. */
function entries(folder: string, name: string): Dirent[] {
  const path = join(folder, name);
  if (!existsSync(path)) throw new UserError(`${path} is missing. ${remedy(source)}`);
  if (!statSync(path).isDirectory()) throw new UserError(`${path} is not a folder. ${remedy(source)}`);
  return readdirSync(path, { withFileTypes: true }).filter((entry) => !entry.name.startsWith('.'));
}

/** The first of each class's names; its wnid where words.txt has none. */
function classNames(folder: string, wnids: readonly string[]): string[] {
  const words = existsSync(join(folder, 'words.txt')) ? lines(folder, 'words.txt') : [];
  const names = new Map(words.map((line) => line.split('\t') as [string, string | undefined]));
  return wnids.map((wnid) => names.get(wnid)?.split(',')[0] || wnid);
}

function lines(folder: string, name: string): string[] {
  const path = join(folder, name);
  if (!existsSync(path)) throw new UserError(`${path} is missing. ${remedy(source)}`);
  return readFileSync(path, 'utf8').split(/\r?\n/).filter(Boolean);
}

function emptySplit(files: readonly LabeledFile[]): PixelSplits['train'] {
  const labels = Int32Array.from(files, ({ label }) => label);
  return { count: files.length, size, pixels: allocatePixels(files.length, size), labels };
}

/** Says which files, in which state, were decoded by what: other files or another decoder give other pixels. */
function filesKey(folder: string, files: readonly LabeledFile[]): string {
  const hash = createHash('sha256').update(decoderVersion());
  for (const { name, label } of files) {
    const { size: bytes, mtimeMs } = statSync(join(folder, name));
    hash.update(`\n${name} ${label} ${bytes} ${mtimeMs}`);
  }
  return hash.digest('hex');
}

async function decodeAll(
  folder: string,
  files: Record<'train' | 'test', LabeledFile[]>,
  splits: PixelSplits,
  { cache, key, onProgress }: { cache: string; key: string; onProgress?: Progress },
): Promise<string> {
  const total = files.train.length + files.test.length;
  let before = 0;
  for (const split of ['train', 'test'] as const) {
    const paths = files[split].map(({ name }) => join(folder, name));
    await decodeJpegs(paths, size, splits[split].pixels, (done) => onProgress?.(before + done, total));
    before += paths.length;
  }
  return keepPixels(cache, key, splits);
}

export const tinyImagenet: RegisteredDataset = {
  ...factsOf(source),
  imageSize: size,
  source,
  read: ({ folder, onProgress }) => readTinyImagenet(folder, onProgress),
};
