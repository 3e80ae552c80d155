import { UserError } from '../core/errors';
import { cifar } from './cifar';
import { dataFolder, findDataset, unreadable } from './data-folder';
import type { Dataset, Progress } from './dataset';
import { drawnDefaults } from './drawn';
import { findFolder } from './folder/dataset';
import { isPublished } from './manifest';
import { patterns10Dataset } from './patterns10';
import {
  type FolderOptions,
  findFoldersWith,
  findRegistered,
  type ReadOptions,
  type RegisteredDataset,
  registerOwn,
} from './registry';
import { shapes10Dataset } from './shapes10';
import { stl10 } from './stl10';
import { subset } from './subset';
import { tinyImagenet } from './tiny-imagenet';

export interface LoadOptions extends Pick<FolderOptions, 'testShare' | 'skipBroken'> {
  /** Folder that holds the datasets, or one dataset's own folder; see `dataFolder` for the default. */
  data?: string;
  /** Number of training images: how many a drawn dataset gets, or how many of another are kept. */
  train?: number;
  /** Number of training images of each class, in place of `train`. */
  perClass?: number;
  /** Number of test images, likewise. */
  test?: number;
  /** Number of images without labels, for STL-10 only. */
  unlabeled?: number;
  /** Height and width in pixels, for drawn datasets and folders of images only. */
  size?: number;
  /** Seed of a drawn dataset's images, or of the choice where only a part is kept. */
  seed?: number;
  /** Told how much of the dataset is read, where that takes long. */
  onProgress?: Progress;
}

findFoldersWith(findFolder);
registerOwn([patterns10Dataset, shapes10Dataset, ...cifar, stl10, tinyImagenet]);

async function readWhole(
  { source, read }: Extract<RegisteredDataset, { drawn?: undefined }>,
  options: ReadOptions,
): Promise<Dataset> {
  try {
    const dataset = await read(options);
    if (!source) return dataset;
    return { ...dataset, verified: isPublished(source, findDataset(source, options.folder)!, dataset) };
  } catch (error) {
    throw unreadable(error, options.folder);
  }
}

/**
 * Loads a dataset by its name, or a folder of images by its path: `loadDataset('./photos')`. Images are in memory, but for
 * those of folders and STL-10's unlabeled ones.
 * @throws UserError if the name is unknown, or the dataset is missing, damaged or cannot be read: the message says how
 *   to get it.
 */
export async function loadDataset(name: string, options: LoadOptions = {}): Promise<Dataset> {
  const { data, size, onProgress, testShare, skipBroken, ...part } = options;
  const dataset = findRegistered(name);
  refuseFolderOptions(dataset, { testShare, skipBroken });
  if (dataset.drawn) return dataset.drawn.draw({ ...part, size });
  const images = { size, testShare, skipBroken, seed: part.seed };
  const whole = await readWhole(dataset, { folder: dataFolder(data), images, onProgress });
  if (size !== undefined && size !== whole.imageSize) {
    throw new UserError(
      `The images of ${name} are ${whole.imageSize} pixels wide, not ${size}. Leave size out.`,
    );
  }
  const { seed = drawnDefaults.seed, ...counts } = part;
  return Object.values(counts).every((count) => count === undefined)
    ? whole
    : subset(whole, { ...counts, seed });
}

/** @throws UserError for an option that only a folder of images has. */
function refuseFolderOptions({ name, isFolder }: RegisteredDataset, options: FolderOptions): void {
  const [given] = Object.entries(options).find(([, value]) => value !== undefined) ?? [];
  if (isFolder || given === undefined) return;
  throw new UserError(
    `${given} is for a folder of images, and ${name} is a dataset with a name. Leave it out.`,
  );
}
