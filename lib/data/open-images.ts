import { closeSync, openSync, readSync } from 'node:fs';
import { UserError } from '../core/errors';
import type { Dataset, Extent, Images, StoredImages, StoredShapes } from './dataset';

/** Images that can be looked at one by one, wherever they are kept. */
export interface OpenImages {
  count: number;
  /** Height and width in pixels. */
  size: number;
  /** One image, uint8 RGB, row by row. It is to be read only, and only until the next one is asked for. */
  image(index: number): Uint8Array;
  /** The same image with what `image` cuts off at both ends of its longer side, if anything; likewise. */
  whole(index: number): WholeImage;
  /** Closes the files that the images are read from. */
  close(): void;
}

/** An image of any shape, uint8 RGB, row by row. */
interface WholeImage extends Extent {
  pixels: Uint8Array;
}

/**
 * Opens sets of images of one size as if they were one set, the first set's images first.
 * @throws UserError where a file cannot be opened or, later, ends before an image does.
 */
export function openImages(sets: readonly (Images | StoredImages)[]): OpenImages {
  const opened = sets.map((images) => ('file' in images ? openStored(images) : openInMemory(images)));
  if (opened.length === 1) return opened[0];
  const find = (index: number): [OpenImages, number] => {
    let place = index;
    for (const set of opened) {
      if (place < set.count) return [set, place];
      place -= set.count;
    }
    throw new RangeError(`There is no image ${index}.`);
  };
  return {
    count: totalCount(sets),
    size: sets[0].size,
    image: (index) => {
      const [set, place] = find(index);
      return set.image(place);
    },
    whole: (index) => {
      const [set, place] = find(index);
      return set.whole(place);
    },
    close: () => {
      for (const set of opened) set.close();
    },
  };
}

export function totalCount(sets: readonly { count: number }[]): number {
  return sets.reduce((sum, { count }) => sum + count, 0);
}

function openInMemory({ count, size, pixels }: Images): OpenImages {
  const length = size * size * 3;
  const image = (index: number) => pixels.subarray(index * length, (index + 1) * length);
  const whole = (index: number) => ({ pixels: image(index), width: size, height: size });
  return { count, size, image, whole, close: () => {} };
}

function openStored(images: StoredImages): OpenImages {
  const descriptor = openForReading(images.file);
  let isOpen = true;
  const close = () => {
    if (isOpen) closeSync(descriptor);
    isOpen = false;
  };
  const { shapes } = images;
  return { ...(shapes ? openShapes(images, shapes, descriptor) : openPlanes(images, descriptor)), close };
}

function openPlanes(
  { count, size, file, places }: StoredImages,
  descriptor: number,
): Omit<OpenImages, 'close'> {
  const planes = new Uint8Array(size * size * 3);
  const pixels = new Uint8Array(size * size * 3);
  const image = (index: number) => {
    const place = places?.[index] ?? index;
    readExactly(descriptor, planes, place * planes.length, file);
    transpose(planes, size, pixels, 0);
    return pixels;
  };
  const whole = (index: number) => ({ pixels: image(index), width: size, height: size });
  return { count, size, image, whole };
}

function openShapes(
  { count, size, file, places }: StoredImages,
  { offsets, widths, heights }: StoredShapes,
  descriptor: number,
): Omit<OpenImages, 'close'> {
  let room = new Uint8Array(0);
  const square = new Uint8Array(size * size * 3);
  const whole = (index: number): WholeImage => {
    const place = places?.[index] ?? index;
    const [width, height] = [widths[place], heights[place]];
    const length = width * height * 3;
    if (room.length < length) room = new Uint8Array(2 * length);
    const pixels = room.subarray(0, length);
    readExactly(descriptor, pixels, offsets[place], file);
    return { pixels, width, height };
  };
  const image = (index: number) => {
    const { pixels, width, height } = whole(index);
    const first = ((height - size) >> 1) * width + ((width - size) >> 1);
    for (let y = 0; y < size; y++) {
      const from = (first + y * width) * 3;
      square.set(pixels.subarray(from, from + size * 3), y * size * 3);
    }
    return square;
  };
  return { count, size, image, whole };
}

/**
 * Pixels [count, size, size, 3] of images one after the other, wherever they are kept: of those in memory a part of
 * them, not a copy.
 * @throws UserError if a file cannot be read.
 */
export function pixelsOf(images: Images | StoredImages, first: number, count: number): Uint8Array {
  const length = images.size * images.size * 3;
  if (!('file' in images)) return images.pixels.subarray(first * length, (first + count) * length);
  const pixels = new Uint8Array(count * length);
  const opened = openImages([images]);
  try {
    for (let i = 0; i < count; i++) pixels.set(opened.image(first + i), i * length);
  } finally {
    opened.close();
  }
  return pixels;
}

/** @throws UserError, with the system's reason. */
export function openForReading(file: string): number {
  try {
    return openSync(file, 'r');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const remedy =
      code === 'ENOENT'
        ? 'Its images are needed throughout a run: leave the dataset where it is until the run has ended.'
        : 'See that this user may read it, and run again.';
    throw new UserError(`Cannot read ${file} (${code}). ${remedy}`);
  }
}

/**
 * Fills `into` with a file's bytes from `position` on.
 * @throws UserError where the file ends before that.
 */
export function readExactly(descriptor: number, into: Uint8Array, position: number, file: string): void {
  // One call of the system reads less than 2 GiB.
  const most = 1 << 30;
  for (let done = 0; done < into.length; ) {
    const bytes = readSync(descriptor, into, done, Math.min(most, into.length - done), position + done);
    if (bytes === 0) {
      throw new UserError(
        `${file} ends before byte ${position + into.length}: it was cut short after the dataset was loaded. ` +
          'Verify the dataset with `npx mnn data verify` and run again.',
      );
    }
    done += bytes;
  }
}

/** Turns color planes that go column by column into pixels that go row by row. */
export function transpose(planes: Uint8Array, size: number, pixels: Uint8Array, to: number): void {
  const plane = size * size;
  let out = to;
  for (let y = 0; y < size; y++) {
    for (let at = y; at < plane; at += size) {
      pixels[out++] = planes[at];
      pixels[out++] = planes[plane + at];
      pixels[out++] = planes[2 * plane + at];
    }
  }
}

/** The images that pretraining sees. */
export interface PretrainingImages {
  /** Sets of images, counted on from one to the next. */
  sets: (Images | StoredImages)[];
  count: number;
  /**
   * -1 for an image without a label. Labels are used for the neighbors' purity alone, where -1 and -1 count as
   * the same class, as in the authors' code: on STL-10 the purity says little.
   */
  labels: Int32Array;
}

/** A dataset's training images and, after them, those without labels: STL-10's "train+unlabeled". */
export function pretrainingImages({ train, unlabeled }: Dataset): PretrainingImages {
  const sets = unlabeled ? [train, unlabeled] : [train];
  const labels = new Int32Array(totalCount(sets)).fill(-1);
  labels.set(train.labels);
  return { sets, count: labels.length, labels };
}
