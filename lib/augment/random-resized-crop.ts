import type { Random } from '../core/random';
import type { Extent } from '../data';
import { checkSize, extentOf } from './check';

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
 * Draws a crop of an image as torchvision's RandomResizedCrop does: the share of the area is uniform in `scale`, the
 * logarithm of width / height is uniform between those of 3/4 and 4/3, the place is uniform where the crop fits. After
 * ten crops that do not fit, the middle of the image, as much of it as has such a ratio.
 */
export function sampleCrop(random: Random, size: number | Extent, scale: CropScale): CropBox {
  const { width, height } = extentOf(size);
  checkSize('The image to crop', Math.min(width, height));
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const area = height * width * random.uniform(scale[0], scale[1]);
    const ratio = Math.exp(random.uniform(LEAST_LOG_RATIO, MAX_LOG_RATIO));
    const crop = cropShape(area, ratio);
    if (crop.width > 0 && crop.width <= width && crop.height > 0 && crop.height <= height) {
      const top = random.integer(0, height - crop.height);
      const left = random.integer(0, width - crop.width);
      return { top, left, ...crop };
    }
  }
  const crop = {
    height: Math.min(height, Math.round((width * 4) / 3)),
    width: Math.min(width, Math.round((height * 4) / 3)),
  };
  return { top: (height - crop.height) >> 1, left: (width - crop.width) >> 1, ...crop };
}

/** Height and width in whole pixels of a crop with this area and this ratio of width to height. */
function cropShape(area: number, ratio: number): { height: number; width: number } {
  return { height: Math.round(Math.sqrt(area / ratio)), width: Math.round(Math.sqrt(area * ratio)) };
}
