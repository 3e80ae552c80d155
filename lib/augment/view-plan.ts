import type { Extent } from '../data';
import { colorJitter, type Jitter } from './color-jitter';
import { gaussianBlur } from './gaussian-blur';
import { grayscale } from './grayscale';
import { horizontalFlip } from './horizontal-flip';
import type { CropBox } from './random-resized-crop';
import { resizedCrop } from './resized-crop';

/** What is done to a view's colors, in this order. */
export interface Recoloring {
  jitter?: Jitter;
  gray?: boolean;
  /** Standard deviation of the blur in pixels. */
  sigma?: number;
}

/** Everything that was drawn for one view; it is cropped and flipped before its colors change. */
export interface ViewPlan extends Recoloring {
  crop: CropBox;
  flip: boolean;
}

/**
 * Paints the planned view of a uint8 RGB image to `view`, uint8 RGB [size, size, 3], one plain
 * operation after the other. `CompiledPainter` paints the same view faster.
 */
export function paintView(
  source: Uint8Array,
  sourceSize: number | Extent,
  { crop, flip, jitter, gray, sigma }: ViewPlan,
  size: number,
  view: Uint8Array,
): void {
  resizedCrop(source, sourceSize, crop, size, view);
  if (flip) horizontalFlip(view, size);
  if (jitter) colorJitter(view, jitter);
  if (gray) grayscale(view);
  if (sigma !== undefined) gaussianBlur(view, size, sigma);
}
