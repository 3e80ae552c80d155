import { createHash } from 'node:crypto';
import { accessSync, constants, existsSync, realpathSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { UserError } from '../../core/errors';
import { withHome } from '../../core/paths';
import { permutation, randomStream } from '../../core/random';
import { datasetChecksum } from '../checksum';
import { dataFolder } from '../data-folder';
import type { Dataset, LabeledStoredImages, Normalization } from '../dataset';
import type { ReadOptions, RegisteredDataset } from '../registry';
import { type KeptPixels, keptPixels } from './pixels';
import { type FolderScan, scanFolder } from './scan';

/** How a folder is read unless asked otherwise. */
export const folderDefaults = { size: 64, testShare: 0.2, seed: 1339 } as const;

const sizes = [8, 1024] as const;

/** Whether a dataset's name is the path of a folder: it has a slash, or begins with a dot or `~`. */
function isFolderPath(name: string): boolean {
  return /[\\/]|^[.~]/.test(name);
}

/** A folder's path as records name it: from the current folder if it is in there, else from the home or the root. */
function folderName(path: string): string {
  const absolute = resolve(withHome(path));
  const below = (folder: string) => {
    const part = relative(folder, absolute);
    return part.startsWith('..') || isAbsolute(part) ? undefined : part.split(sep).join('/');
  };
  const here = below(process.cwd());
  if (here !== undefined) return here === '' ? '.' : `./${here}`;
  const home = below(homedir());
  return home ? `~/${home}` : absolute.split(sep).join('/');
}

/** The last part of a folder's path, which titles show. */
function folderTitle(name: string): string {
  return basename(resolve(withHome(name)));
}

/** The dataset of a name that is a folder's: one with a slash, or of a folder in the current one; else undefined. */
export function findFolder(name: string): RegisteredDataset | undefined {
  const isOne = isFolderPath(name) || statSync(name, { throwIfNoEntry: false })?.isDirectory();
  return isOne ? folderDataset(name) : undefined;
}

/**
 * What is known of a folder of images as a dataset. The folder is looked at when a count is asked
 * for, and read by `readFolder`.
 */
function folderDataset(path: string): RegisteredDataset {
  const name = folderName(path);
  let scan: FolderScan | undefined;
  const look = () => {
    scan ??= scanFolder(placeOf(name, dataFolder()));
    return scan;
  };
  const splitCount = (split: 'train' | 'test') => {
    const { hasTest, files, labelsFrom } = look();
    if (hasTest) return files.filter((file) => file.split === split).length;
    const test = labelsFrom === null ? 0 : Math.round(folderDefaults.testShare * files.length);
    return split === 'test' ? test : files.length - test;
  };
  return {
    name,
    title: folderTitle(name),
    get classes() {
      return look().classes.length;
    },
    get train() {
      return splitCount('train');
    },
    get test() {
      return splitCount('test');
    },
    imageSize: folderDefaults.size,
    isFolder: true,
    read: (options) => readFolder(name, options),
  };
}

/** Where a folder is: its path, or, if it is not there, its last part in the folder with the datasets. */
function placeOf(name: string, data: string): string {
  const path = resolve(withHome(name));
  if (existsSync(path)) return path;
  const moved = [join(data, basename(path)), data].find(
    (folder) => basename(folder) === basename(path) && existsSync(folder),
  );
  if (moved !== undefined) return moved;
  throw new UserError(
    `There is no folder ${path}. Name one with images in it; a path without a slash before it begins at ` +
      `${process.cwd()}.`,
  );
}

/**
 * Reads a folder of images. Its images are decoded once and kept in a cache beside the folder, or with the datasets if
 * nothing can be written there; they stay in that file and are read from it as needed.
 * @throws UserError for a folder or options that cannot be used, or images that are broken.
 */
async function readFolder(
  name: string,
  { folder: data, images = {}, onProgress }: ReadOptions,
): Promise<Dataset> {
  const { size = folderDefaults.size, testShare, seed = folderDefaults.seed, skipBroken = false } = images;
  checkOptions(size, testShare);
  const folder = placeOf(name, data);
  const scan = scanFolder(folder);
  if (testShare !== undefined && scan.hasTest) {
    throw new UserError(`${folder} says itself which images are for testing: leave the test share out.`);
  }
  if (testShare !== undefined && scan.labelsFrom === null) {
    throw new UserError(`${folder} has no labels, so there is nothing to test: leave the test share out.`);
  }
  const kept = await keptPixels(folder, scan.files, { cache: cacheOf(folder, size), size, onProgress });
  if (kept.broken.size > 0 && !skipBroken) throw brokenImages(folder, scan, kept);
  return assemble(name, scan, kept, { size, testShare: testShare ?? folderDefaults.testShare, seed });
}

function checkOptions(size: number, testShare?: number): void {
  const [least, most] = sizes;
  if (!Number.isInteger(size) || size < least || size > most) {
    throw new UserError(
      `An image size of ${size} is not possible: give a whole number from ${least} to ${most}.`,
    );
  }
  if (testShare !== undefined && !(testShare >= 0 && testShare < 1)) {
    throw new UserError(
      `A test share of ${testShare} is not possible: give a number from 0 to below 1, such as 0.2.`,
    );
  }
}

/** Beside the folder: in it, the cache would be a class to other programs. */
function cacheOf(folder: string, size: number): string {
  const real = realpathSync(folder);
  const id = createHash('sha256').update(real).digest('hex').slice(0, 8);
  const own = `${basename(real)}-${id}-${size}`;
  try {
    accessSync(dirname(real), constants.W_OK);
    return join(dirname(real), '.mnn-cache', own);
  } catch {
    return join(dataFolder(), '.cache', own);
  }
}

/** Images of a folder cannot be used; `skipBroken` leaves them out. */
export class BrokenImages extends UserError {
  override name = 'BrokenImages';
}

function brokenImages(folder: string, { files }: FolderScan, { broken }: KeptPixels): BrokenImages {
  const lines = [...broken].slice(0, 10).map(([place, reason]) => `  ${files[place].path} ${reason}`);
  const more = broken.size > lines.length ? [`  and ${broken.size - lines.length} more`] : [];
  return new BrokenImages(
    `${broken.size} of ${files.length.toLocaleString('en')} images in ${folder} cannot be used:\n` +
      `${[...lines, ...more].join('\n')}\n` +
      'Mend or remove them, or skip broken images. What was decoded is kept.',
  );
}

function assemble(
  name: string,
  scan: FolderScan,
  kept: KeptPixels,
  { size, testShare, seed }: { size: number; testShare: number; seed: number },
): Dataset {
  const { classes, labelsFrom, hasTest } = scan;
  const whole = Array.from(scan.files.keys()).filter((place) => !kept.broken.has(place));
  if (whole.length === 0) throw new UserError(`No image of ${name} can be used: all are broken.`);
  const notes = [...scan.notes];
  if (kept.broken.size > 0)
    notes.push(`${kept.broken.size} broken ${kept.broken.size > 1 ? 'images are' : 'image is'} left out.`);
  const isTest =
    hasTest || labelsFrom === null
      ? (place: number) => scan.files[place].split === 'test'
      : drawnTest(scan, whole, { testShare, seed, notes });
  const part = (places: number[]): LabeledStoredImages => ({
    count: places.length,
    size,
    file: kept.file,
    places: Int32Array.from(places),
    shapes: kept.shapes,
    labels: Int32Array.from(places, (place) => scan.files[place].label),
  });
  const train = whole.filter((place) => !isTest(place));
  const splits = { train: part(train), test: part(whole.filter(isTest)) };
  const drawn = `${+(100 * testShare).toFixed(2)} % of each class drawn for testing by seed ${seed}`;
  return {
    name,
    classes,
    imageSize: size,
    ...splits,
    normalization: measured(kept, train),
    checksum: datasetChecksum(splits),
    origin: {
      labels: labelsFrom === null ? 'none' : hasTest ? labelsFrom : `${labelsFrom}; ${drawn}`,
      broken: kept.broken.size,
    },
    ...(notes.length > 0 && { notes }),
  };
}

/** Draws the test images class by class; a class keeps at least one image for training. */
function drawnTest(
  { classes, files }: FolderScan,
  whole: readonly number[],
  { testShare, seed, notes }: { testShare: number; seed: number; notes: string[] },
): (place: number) => boolean {
  const members: number[][] = classes.map(() => []);
  for (const place of whole) members[files[place].label].push(place);
  const test = new Set<number>();
  for (const [label, places] of members.entries()) {
    const wanted = testShare === 0 ? 0 : Math.max(1, Math.round(testShare * places.length));
    const count = Math.max(0, Math.min(wanted, places.length - 1));
    if (count < wanted) {
      notes.push(
        `Class '${classes[label]}' has ${places.length === 1 ? 'one image: it is for training, and none is tested' : 'no image that can be used'}.`,
      );
    }
    const order = permutation(randomStream(seed, 'subset', 5, label), places.length);
    for (const i of order.subarray(0, count)) test.add(places[i]);
  }
  return (place) => test.has(place);
}

/** Mean and deviation of each channel over all pixels of the images, of values in 0..1. */
function measured({ shapes, sums }: KeptPixels, places: readonly number[]): Normalization {
  let pixels = 0;
  const totals = [0, 0, 0, 0, 0, 0];
  for (const place of places) {
    pixels += shapes.widths[place] * shapes.heights[place];
    for (let i = 0; i < 6; i++) totals[i] += sums[place * 6 + i];
  }
  const mean = (channel: number) => totals[channel] / pixels / 255;
  // Images of one color have no deviation, and nothing can be divided by it.
  const deviation = (channel: number) =>
    Math.max(1 / 255, Math.sqrt(Math.max(0, totals[3 + channel] / pixels / 255 ** 2 - mean(channel) ** 2)));
  return { mean: [mean(0), mean(1), mean(2)], std: [deviation(0), deviation(1), deviation(2)] };
}
