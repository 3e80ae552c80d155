import { UserError } from '../core/errors';
import { cifar } from './cifar';
import { dataFolder, findDataset, unreadable } from './data-folder';
import type { Dataset, Progress } from './dataset';
import { isPublished } from './manifest';
import { patterns10Dataset, patterns10Defaults } from './patterns10';
import { findRegistered, type ReadOptions, type RegisteredDataset, registerOwn } from './registry';
import { stl10 } from './stl10';
import { subset } from './subset';
import { tinyImagenet } from './tiny-imagenet';

export interface LoadOptions {
  /** Folder that holds the datasets, or one dataset's own folder; see `dataFolder` for the default. */
  data?: string;
  /** Number of training images: how many patterns10 draws, or how many of another dataset are kept. */
  train?: number;
  /** Number of training images of each class, in place of `train`. */
  perClass?: number;
  /** Number of test images, likewise. */
  test?: number;
  /** Number of images without labels, for STL-10 only. */
  unlabeled?: number;
  /** Height and width in pixels, for patterns10 only. */
  size?: number;
  /** Seed of patterns10's images, or of the choice where only a part is kept. */
  seed?: number;
  /** Told how much of the dataset is read, where that takes long. */
  onProgress?: Progress;
}

registerOwn([patterns10Dataset, ...cifar, stl10, tinyImagenet]);

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
 * Loads a dataset by name. Its images are in memory, but for STL-10's unlabeled ones.
 * @throws UserError if the name is unknown, or the dataset is missing, damaged or cannot be read: the message says how
 *   to get it.
 */
export async function loadDataset(name: string, options: LoadOptions = {}): Promise<Dataset> {
  const { data, size, onProgress, ...part } = options;
  const dataset = findRegistered(name);
  if (dataset.drawn) return dataset.drawn.draw({ ...part, size });
  const whole = await readWhole(dataset, { folder: dataFolder(data), onProgress });
  if (size !== undefined && size !== whole.imageSize) {
    throw new UserError(
      `The images of ${name} are ${whole.imageSize} pixels wide, not ${size}. Leave size out.`,
    );
  }
  const { seed = patterns10Defaults.seed, ...counts } = part;
  return Object.values(counts).every((count) => count === undefined)
    ? whole
    : subset(whole, { ...counts, seed });
}
