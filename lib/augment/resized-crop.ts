import type { Extent } from '../data';
import { checkLength, checkSize, extentOf } from './check';
import type { CropBox } from './random-resized-crop';
import { resizeWeights, WEIGHT_BITS } from './resize-weights';
import { reusableBytes } from './scratch';

// A local name: inside the loops an imported one would be looked up in its module at every pixel.
const SHIFT = WEIGHT_BITS;
const HALF = 1 << (SHIFT - 1);
const scratch = reusableBytes();

/**
 * Cuts `box` out of an image and resizes it to `size` x `size`, bit for bit as Pillow's antialiased
 * bilinear resize of the cropped image: rows first, then columns, each rounded to uint8. Pixels outside
 * the box are not seen. (Pillow skips an axis that keeps its size; its weights would be 1 and 0.)
 *
 * @param source uint8 RGB [height, width, 3]
 * @param out uint8 RGB [size, size, 3]
 * @throws UserError when an array does not have its image's length
 */
export function resizedCrop(
  source: Uint8Array,
  sourceSize: number | Extent,
  box: CropBox,
  size: number,
  out: Uint8Array,
): void {
  const { width, height } = extentOf(sourceSize);
  checkSize('The view', size);
  checkLength('The image to crop', source.length, width * height * 3, `${width}x${height} RGB`);
  checkLength('The view', out.length, size ** 2 * 3, `${size}x${size} RGB`);
  const rows = scratch(box.height * size * 3);
  resizeRows(source, width, box, size, rows);
  resizeColumns(rows, box.height, size, out);
}

/** Writes the box's rows, each resized to `size` pixels. */
function resizeRows(
  source: Uint8Array,
  sourceWidth: number,
  box: CropBox,
  size: number,
  out: Uint8Array,
): void {
  const { taps, first, weights } = resizeWeights(box.width, size);
  let target = 0;
  for (let y = box.top; y < box.top + box.height; y++) {
    const start = (y * sourceWidth + box.left) * 3;
    for (let x = 0; x < size; x++) {
      let red = HALF;
      let green = HALF;
      let blue = HALF;
      let pixel = start + first[x] * 3;
      for (let tap = x * taps; tap < (x + 1) * taps; tap++) {
        const weight = weights[tap];
        red += Math.imul(weight, source[pixel]);
        green += Math.imul(weight, source[pixel + 1]);
        blue += Math.imul(weight, source[pixel + 2]);
        pixel += 3;
      }
      out[target] = red >> SHIFT;
      out[target + 1] = green >> SHIFT;
      out[target + 2] = blue >> SHIFT;
      target += 3;
    }
  }
}

/** Resizes the columns of `height` rows of `size` pixels to `size` pixels. */
function resizeColumns(rows: Uint8Array, height: number, size: number, out: Uint8Array): void {
  const { taps, first, weights } = resizeWeights(height, size);
  const stride = size * 3;
  for (let y = 0; y < size; y++) {
    for (let i = 0; i < stride; i++) {
      let sum = HALF;
      let pixel = first[y] * stride + i;
      for (let tap = y * taps; tap < (y + 1) * taps; tap++) {
        sum += Math.imul(weights[tap], rows[pixel]);
        pixel += stride;
      }
      out[y * stride + i] = sum >> SHIFT;
    }
  }
}
