import { OutOfMemory } from '../core/errors';

/**
 * Images as they are kept in memory: uint8 RGB, row-major [count, size, size, 3]. The pixels lie in a
 * SharedArrayBuffer, so that worker threads read them without a copy.
 */
export interface Images {
  count: number;
  /** Height and width in pixels. */
  size: number;
  pixels: Uint8Array;
}

/** Images with their classes; -1 marks an image without a label. */
export interface LabeledImages extends Images {
  labels: Int32Array;
}

/** Height and width in pixels. */
export interface Extent {
  width: number;
  height: number;
}

/** Where images of different shapes are in a file, each as RGB row by row, with the shorter side of their `size`. */
export interface StoredShapes {
  /** First byte of each image. */
  offsets: Float64Array;
  widths: Uint16Array;
  heights: Uint16Array;
  /** 16 bytes for each image: the start of the sha256 of its shape and pixels. */
  digests: Uint8Array;
}

/**
 * Images that stay in their file and are read from it one by one, as `openImages` does: with `shapes` as these say, else
 * 3 color planes of size x size bytes each, every plane column by column, as STL-10 has them. Plain data: threads can
 * be sent it.
 */
export interface StoredImages {
  count: number;
  /** Height and width in pixels. */
  size: number;
  file: string;
  /** Places of the images in the file, from 0; left out where they are all of it, in its order. */
  places?: Int32Array;
  /** Present if the images are not square planes one after the other. Views are cropped from the whole image. */
  shapes?: StoredShapes;
}

/** Images in a file, with their classes, as `LabeledImages` has them. */
export interface LabeledStoredImages extends StoredImages {
  labels: Int32Array;
}

/** Mean and standard deviation of each color channel, of values in 0..1. */
export interface Normalization {
  mean: readonly [number, number, number];
  std: readonly [number, number, number];
}

/** A dataset, split as the paper uses it. */
export interface Dataset {
  name: string;
  classes: string[];
  /** Height and width of the stored images. */
  imageSize: number;
  train: LabeledImages | LabeledStoredImages;
  test: LabeledImages | LabeledStoredImages;
  /** STL-10 only: images without labels, appended to `train` for pretraining. */
  unlabeled?: Images | StoredImages;
  normalization: Normalization;
  /** sha256 over pixels and labels of every split: says exactly which images a run saw. */
  checksum: string;
  /** Of images of one's own: where their labels come from, and how many were left out since they are broken. */
  origin?: { labels: string; broken: number };
  /** What may surprise about how it was read, a sentence each. */
  notes?: string[];
  /** Whether the whole was found to be the published one; left out where nobody looked, or there is none. */
  verified?: boolean;
  /** Where only a part of a dataset was taken: of what, and the seed that chose it. */
  drawnFrom?: Whole & {
    seed: number;
    /** Of a part of a part: the seeds of the later choices, in their order. */
    laterSeeds?: number[];
  };
}

/** A dataset that is in memory. */
export interface DatasetInMemory extends Dataset {
  train: LabeledImages;
  test: LabeledImages;
}

/** The dataset that a part was taken of. */
interface Whole {
  trainImages: number;
  testImages: number;
  unlabeledImages?: number;
  checksum: string;
}

/** Room for `count` images of size x size pixels. @throws OutOfMemory */
export function allocatePixels(count: number, size: number): Uint8Array {
  const bytes = count * size * size * 3;
  try {
    return new Uint8Array(new SharedArrayBuffer(bytes));
  } catch (error) {
    throw new OutOfMemory(`${count} images of ${size}x${size} pixels (${bytes} bytes)`, error);
  }
}

/** How far a piece of work is; what kind of work it is where there are several. */
export type Progress = (done: number, total: number, work?: 'download' | 'check' | 'unpack' | 'copy') => void;
