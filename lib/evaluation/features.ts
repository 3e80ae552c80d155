import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import { normalize } from '../augment';
import { type Images, type Normalization, pixelsOf, type StoredImages } from '../data';
import { tf } from '../engine';
import { apply, type Layer } from '../models';

/**
 * Images that go through the network at once: 256 of 32x32 pixels, or larger ones with as many pixels together.
 * More would only need more memory.
 */
function chunkOf(size: number): number {
  return Math.min(256, Math.ceil((256 * 32 * 32) / (size * size)));
}

/** Normalized images [count, size, size, 3] from `first` on, without augmentation: the test view. */
export function testView(
  images: Images | StoredImages,
  normalization: Normalization,
  first: number,
  count: number,
): Tensor4D {
  const { size } = images;
  const values = new Float32Array(count * size * size * 3);
  normalize(pixelsOf(images, first, count), normalization, values, 0);
  return tf.tensor4d(values, [count, size, size, 3]);
}

/**
 * Representations [count, features] of all images, from the network in evaluation mode.
 * @param onImages told how many images were done since it was told last; what it throws ends the work.
 */
export async function extractFeatures(
  backbone: Layer,
  images: Images | StoredImages,
  normalization: Normalization,
  onImages?: (count: number) => void,
): Promise<Tensor2D> {
  const parts = await featureParts(backbone, images, normalization, onImages);
  const features = tf.concat(parts, 0);
  tf.dispose(parts);
  return features;
}

/** What `extractFeatures` returns in one tensor, in several that follow one another: half the memory at the end. */
export async function featureParts(
  backbone: Layer,
  images: Images | StoredImages,
  normalization: Normalization,
  onImages: (count: number) => void = () => {},
): Promise<Tensor2D[]> {
  const parts: Tensor2D[] = [];
  const chunk = chunkOf(images.size);
  try {
    for (let first = 0; first < images.count; first += chunk) {
      const count = Math.min(chunk, images.count - first);
      parts.push(
        tf.tidy(
          () =>
            apply(backbone, testView(images, normalization, first, count), { training: false }) as Tensor2D,
        ),
      );
      onImages(count);
      // Between chunks the process can answer a signal.
      await new Promise(setImmediate);
    }
    return parts;
  } catch (error) {
    tf.dispose(parts);
    throw error;
  }
}
