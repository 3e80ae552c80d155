import type { Random } from '../core/random';
import { checkSize } from './check';

/** A rectangle of an image, in pixels. */
export interface CropBox {
  top: number;
  left: number;
  height: number;
  width: number;
}

/** The least and the greatest share of the image's area that a crop covers. */
export type CropScale = readonly [number, number];

const LEAST_LOG_RATIO = Math.log(3 / 4);
const MAX_LOG_RATIO = Math.log(4 / 3);
const TRIES = 10;

/**
 * Draws a crop of a square image as torchvision's RandomResizedCrop does: the share of the area is uniform
 * in `scale`, the logarithm of width / height is uniform between those of 3/4 and 4/3, the place is uniform
 * where the crop fits. After ten crops that do not fit, the whole image.
 */
export function sampleCrop(random: Random, size: number, scale: CropScale): CropBox {
  checkSize('The image to crop', size);
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const area = size * size * random.uniform(scale[0], scale[1]);
    const ratio = Math.exp(random.uniform(LEAST_LOG_RATIO, MAX_LOG_RATIO));
    const { height, width } = cropShape(area, ratio);
    if (width > 0 && width <= size && height > 0 && height <= size) {
      const top = random.integer(0, size - height);
      const left = random.integer(0, size - width);
      return { top, left, height, width };
    }
  }
  return { top: 0, left: 0, height: size, width: size };
}

/** Height and width in whole pixels of a crop with this area and this ratio of width to height. */
function cropShape(area: number, ratio: number): { height: number; width: number } {
  return { height: Math.round(Math.sqrt(area / ratio)), width: Math.round(Math.sqrt(area * ratio)) };
}
