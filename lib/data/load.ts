import { UserError, unknownName } from '../core/errors';
import { readCifar10, readCifar100 } from './cifar';
import { dataFolder, findDataset, unreadable } from './data-folder';
import type { Dataset, Progress } from './dataset';
import { isPublished } from './manifest';

import { shapes10, shapes10Defaults } from './shapes10';
import { datasetNames, type Source, sourceOf } from './sources';
import { readStl10 } from './stl10';
import { subset } from './subset';
import { readTinyImagenet } from './tiny-imagenet';

export interface LoadOptions {
  /** Folder that holds the datasets, or one dataset's own folder; see `dataFolder` for the default. */
  data?: string;
  /** Number of training pictures: how many shapes10 draws, or how many of another dataset are kept. */
  train?: number;
  /** Number of training pictures of each class, in place of `train`. */
  perClass?: number;
  /** Number of test pictures, likewise. */
  test?: number;
  /** Number of pictures without labels, for STL-10 only. */
  unlabeled?: number;
  /** Height and width in pixels, for shapes10 only. */
  size?: number;
  /** Seed of shapes10's pictures, or of the choice where only a part is kept. */
  seed?: number;
  /** Told how much of the dataset is read, where that takes long. */
  onProgress?: Progress;
}

type Reader = (folder: string, onProgress?: Progress) => Dataset | Promise<Dataset>;

const readers: Record<string, Reader> = {
  cifar10: readCifar10,
  cifar100: readCifar100,
  stl10: readStl10,
  'tiny-imagenet': readTinyImagenet,
};

async function readVerified(source: Source, place: string, read: () => Dataset | Promise<Dataset>) {
  try {
    const pictures = await read();
    return { pictures, verified: isPublished(source, findDataset(source, place)!, pictures) };
  } catch (error) {
    throw unreadable(error, place);
  }
}

/**
 * Loads a dataset by name. Its pictures are in memory, but for STL-10's unlabelled ones.
 * @throws UserError if the name is unknown, or the dataset is missing, damaged or cannot be read: the message says how
 *   to get it.
 */
export async function loadDataset(name: string, options: LoadOptions = {}): Promise<Dataset> {
  const { data, size, onProgress, ...part } = options;
  if (name === 'shapes10') return shapes10({ ...part, size });
  const read = readers[name];
  if (!read) throw unknownName('dataset', name, datasetNames);
  const source = sourceOf(name);
  const place = dataFolder(data);
  const { pictures, verified } = await readVerified(source, place, () => read(place, onProgress));
  const whole = { ...pictures, verified };
  if (size !== undefined && size !== whole.imageSize) {
    throw new UserError(
      `The pictures of ${name} are ${whole.imageSize} pixels wide, not ${size}. Leave size out.`,
    );
  }
  const { seed = shapes10Defaults.seed, ...counts } = part;
  return Object.values(counts).every((count) => count === undefined)
    ? whole
    : subset(whole, { ...counts, seed });
}
