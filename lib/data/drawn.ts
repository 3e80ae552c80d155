import { UserError } from '../core/errors';
import { type Random, randomStream } from '../core/random';
import { datasetChecksum } from './checksum';
import { allocatePixels, type DatasetInMemory, type LabeledImages } from './dataset';
import type { DrawOptions, RegisteredDataset } from './registry';

/** A dataset that the kit draws. */
export interface Drawing {
  name: string;
  classes: string[];
  /** The smallest and the largest height and width. */
  sizes: readonly [number, number];
  /** Height and width if none is asked for. */
  size: number;
  normalization: DatasetInMemory['normalization'];
  /** Draws an image of a class: RGB, row by row. */
  draw(image: Uint8Array, size: number, label: number, random: Random): void;
}

export const drawnDefaults = { train: 2048, test: 512, seed: 1339 } as const;

/**
 * Draws a dataset. Image i depends on (seed, split, i) only, and its class is i modulo the number of classes.
 * @throws UserError if the size or a number of images is out of range.
 */
export function drawDataset(drawing: Drawing, options: DrawOptions = {}): DatasetInMemory {
  const { name, classes, sizes, normalization } = drawing;
  const {
    size = drawing.size,
    perClass,
    train = perClass === undefined ? drawnDefaults.train : perClass * classes.length,
    test = drawnDefaults.test,
    seed = drawnDefaults.seed,
  } = options;
  if (!Number.isInteger(size) || size < sizes[0] || size > sizes[1]) {
    throw new UserError(
      `The images of ${name} can be ${sizes.join(' to ')} pixels wide, not ${size}. Change size.`,
    );
  }
  const splits = {
    train: drawSplit(drawing, seed, 0, train, size),
    test: drawSplit(drawing, seed, 1, test, size),
  };
  return { name, classes, imageSize: size, ...splits, normalization, checksum: datasetChecksum(splits) };
}

function drawSplit(
  drawing: Drawing,
  seed: number,
  split: number,
  count: number,
  size: number,
): LabeledImages {
  const { name, classes } = drawing;
  if (!Number.isInteger(count) || count < classes.length) {
    throw new UserError(`${name} needs ${classes.length} images or more in each split, not ${count}.`);
  }
  const pixels = allocatePixels(count, size);
  const labels = Int32Array.from({ length: count }, (_, i) => i % classes.length);
  for (let i = 0; i < count; i++) {
    const image = pixels.subarray(i * size * size * 3, (i + 1) * size * size * 3);
    drawing.draw(image, size, labels[i], randomStream(seed, 'dataset', split, i));
  }
  return { count, size, pixels, labels };
}

/** A drawn dataset as the registry takes it. */
export function registerable(drawing: Drawing): RegisteredDataset {
  const { name, classes, sizes, size: imageSize } = drawing;
  const { train, test } = drawnDefaults;
  return {
    name,
    title: name,
    classes: classes.length,
    train,
    test,
    imageSize,
    drawn: { sizes, draw: (options) => drawDataset(drawing, options) },
  };
}
