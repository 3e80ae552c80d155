import { checkLength, checkSize } from './check';
import type { CropBox } from './random-resized-crop';
import { type ResizeWeights, resizeWeights, WEIGHT_BITS } from './resize-weights';
import { reusableBytes } from './scratch';

// A local name: inside the loops an imported one would be looked up in its module at every pixel.
const SHIFT = WEIGHT_BITS;
const HALF = 1 << (SHIFT - 1);
const scratch = reusableBytes();

/**
 * Cuts `box` out of a square picture and resizes it to `size` x `size`, bit for bit as Pillow's antialiased
 * bilinear resize of the cropped picture: rows first, then columns, each rounded to uint8; an axis that
 * keeps its size is left alone. Pixels outside the box are not seen.
 *
 * @param source uint8 RGB [sourceSize, sourceSize, 3]
 * @param out uint8 RGB [size, size, 3]
 * @throws UserError when an array does not have its picture's length
 */
export function resizedCrop(
  source: Uint8Array,
  sourceSize: number,
  box: CropBox,
  size: number,
  out: Uint8Array,
): void {
  checkSize('The view', size);
  checkLength(
    'The picture to crop',
    source.length,
    sourceSize * sourceSize * 3,
    `${sourceSize}x${sourceSize} RGB`,
  );
  checkLength('The view', out.length, size * size * 3, `${size}x${size} RGB`);
  const offset = (box.top * sourceSize + box.left) * 3;
  const stride = sourceSize * 3;
  const rowBytes = size * 3;
  if (box.height === size) {
    resizeRows(source, offset, stride, box, size, out);
  } else if (box.width === size) {
    resizeColumns(source, offset, stride, resizeWeights(box.height, size), rowBytes, out);
  } else {
    const rows = scratch(box.height * rowBytes);
    resizeRows(source, offset, stride, box, size, rows);
    resizeColumns(rows, 0, rowBytes, resizeWeights(box.height, size), rowBytes, out);
  }
}

function resizeRows(
  source: Uint8Array,
  offset: number,
  stride: number,
  box: CropBox,
  size: number,
  out: Uint8Array,
): void {
  if (box.width === size) {
    for (let y = 0; y < box.height; y++) {
      const from = offset + y * stride;
      out.set(source.subarray(from, from + size * 3), y * size * 3);
    }
    return;
  }
  const { taps, first, weights } = resizeWeights(box.width, size);
  let target = 0;
  for (let y = 0; y < box.height; y++) {
    for (let x = 0; x < size; x++) {
      let red = HALF;
      let green = HALF;
      let blue = HALF;
      let pixel = offset + y * stride + first[x] * 3;
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

function resizeColumns(
  source: Uint8Array,
  offset: number,
  stride: number,
  { taps, first, weights }: ResizeWeights,
  rowBytes: number,
  out: Uint8Array,
): void {
  const size = first.length;
  for (let y = 0; y < size; y++) {
    const top = offset + first[y] * stride;
    for (let i = 0; i < rowBytes; i++) {
      let sum = HALF;
      let pixel = top + i;
      for (let tap = y * taps; tap < (y + 1) * taps; tap++) {
        sum += Math.imul(weights[tap], source[pixel]);
        pixel += stride;
      }
      out[y * rowBytes + i] = sum >> SHIFT;
    }
  }
}
