import { closeSync, existsSync, statSync } from 'node:fs';
import { keep } from './cache';
import { datasetChecksum } from './checksum';
import type { LabeledImages } from './dataset';
import { openForReading, readExactly } from './open-images';

export interface PixelSplits {
  train: LabeledImages;
  test: LabeledImages;
}

/** The key, then the checksum of the dataset, both sha256 in hexadecimal; the pixels of the splits follow. */
const headerBytes = 128;

/**
 * Fills the splits' pixels from a cache that `keepPixels` wrote and returns the dataset's checksum; undefined where
 * there is none, it was written for another key, or it is damaged.
 */
export function restorePixels(path: string, key: string, splits: PixelSplits): string | undefined {
  const { train, test } = splits;
  const bytes = headerBytes + train.pixels.length + test.pixels.length;
  if (!existsSync(path) || statSync(path).size !== bytes) return undefined;
  const descriptor = openForReading(path);
  try {
    const header = Buffer.alloc(headerBytes);
    readExactly(descriptor, header, 0, path);
    if (header.toString('latin1', 0, 64) !== key) return undefined;
    readExactly(descriptor, train.pixels, headerBytes, path);
    readExactly(descriptor, test.pixels, headerBytes + train.pixels.length, path);
    const checksum = datasetChecksum(splits);
    return header.toString('latin1', 64) === checksum ? checksum : undefined;
  } finally {
    closeSync(descriptor);
  }
}

/** Keeps the splits' pixels for `restorePixels`, as far as there is room; returns the dataset's checksum. */
export function keepPixels(path: string, key: string, splits: PixelSplits): string {
  const checksum = datasetChecksum(splits);
  keep(path, [Buffer.from(key + checksum), splits.train.pixels, splits.test.pixels]);
  return checksum;
}
