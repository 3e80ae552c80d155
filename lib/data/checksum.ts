import { createHash, type Hash } from 'node:crypto';
import { closeSync } from 'node:fs';
import { fileDigest } from './cache';
import type { Dataset, Progress, StoredImages, StoredShapes } from './dataset';
import { openForReading, readExactly } from './open-images';

/**
 * sha256, in hexadecimal, over the pixels and labels of every split. Of images that stay in their file it covers
 * the file's sum where they are all of it, else their bytes as they stand there.
 * @param onProgress told how much of a long file was read.
 */
export function datasetChecksum(
  { train, test, unlabeled }: Pick<Dataset, 'train' | 'test' | 'unlabeled'>,
  onProgress?: Progress,
): string {
  const hash = createHash('sha256');
  for (const images of [train, test, unlabeled]) {
    if (!images) continue;
    hash.update(`${images.count} ${images.size} `);
    if (!('file' in images)) hash.update(images.pixels);
    else if (images.shapes) hashDigests(hash, images, images.shapes);
    else if (images.places) hashPlaces(hash, images, images.places);
    else hash.update(fileDigest(images.file, onProgress));
  }
  for (const { labels } of [train, test]) {
    hash.update(new Uint8Array(labels.buffer, labels.byteOffset, labels.byteLength));
  }
  return hash.digest('hex');
}

/** Images that have digests of their own need not be read. */
function hashDigests(hash: Hash, { count, places }: StoredImages, { digests }: StoredShapes): void {
  for (let i = 0; i < count; i++) {
    const place = places?.[i] ?? i;
    hash.update(digests.subarray(place * 16, place * 16 + 16));
  }
}

function hashPlaces(hash: Hash, { size, file }: StoredImages, places: Int32Array): void {
  const image = new Uint8Array(size * size * 3);
  const descriptor = openForReading(file);
  try {
    for (const place of places) {
      readExactly(descriptor, image, place * image.length, file);
      hash.update(image);
    }
  } finally {
    closeSync(descriptor);
  }
}
