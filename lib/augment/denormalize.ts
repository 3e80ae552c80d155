import { UserError } from '../core/errors';
import type { Images, Normalization } from '../data';

/**
 * Normalized float32 views [count, size, size, 3] as uint8 images to look at: the inverse of `normalize`, rounded
 * and cut to 0..255.
 * @throws UserError where the values are not a whole number of images.
 */
export function denormalize(views: Float32Array, size: number, { mean, std }: Normalization): Images {
  const count = views.length / (size * size * 3);
  if (!Number.isInteger(count)) {
    throw new UserError(
      `${views.length} values are not a whole number of images of ${size} x ${size} x 3: give the views' own size.`,
    );
  }
  const pixels = Uint8ClampedArray.from(views, (value, i) => 255 * (value * std[i % 3] + mean[i % 3]));
  return { count, size, pixels: new Uint8Array(pixels.buffer) };
}
