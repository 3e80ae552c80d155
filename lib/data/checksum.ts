import { createHash } from 'node:crypto';
import type { Dataset } from './dataset';

/** sha256, in hexadecimal, over the pixels and labels of every split. */
export function datasetChecksum({
  train,
  test,
  unlabeled,
}: Pick<Dataset, 'train' | 'test' | 'unlabeled'>): string {
  const hash = createHash('sha256');
  for (const images of [train, test, unlabeled]) {
    if (!images) continue;
    hash.update(`${images.count} ${images.size} `);
    hash.update(images.pixels);
  }
  for (const { labels } of [train, test]) {
    hash.update(new Uint8Array(labels.buffer, labels.byteOffset, labels.byteLength));
  }
  return hash.digest('hex');
}
