// Pillow's antialiased bilinear resize. Every output pixel has an entry in a table of weights: its first input
// pixel, then for each pair of taps the two weights' upper bits and the two weights' lower 11 bits, 16 bits
// each: in two halves the weights fit the dot product of 16-bit numbers.
import { bytes } from './lanes';

const LOWER_BITS = 11;
const SHIFT = 22;

/**
 * Resizes each of `height` rows of RGB pixels, `stride` bytes apart, to `size` pixels of four bytes, the fourth
 * without meaning; the rows of `out` are `outStride` bytes apart. The table has entries up to a multiple of 4.
 */
export function resizeRows(
  source: usize,
  stride: usize,
  height: i32,
  weights: usize,
  pairs: i32,
  size: i32,
  out: usize,
  outStride: usize,
): void {
  const entryBytes: usize = 4 + 8 * pairs;
  for (let y = 0; y < height; y++) {
    let entry = weights;
    for (let x = 0; x < size; x += 4) {
      const first = pixelOfRow(source, entry, pairs);
      const second = pixelOfRow(source, entry + entryBytes, pairs);
      const third = pixelOfRow(source, entry + 2 * entryBytes, pairs);
      const fourth = pixelOfRow(source, entry + 3 * entryBytes, pairs);
      v128.store(out + ((<usize>x) << 2), bytes(first, second, third, fourth));
      entry += 4 * entryBytes;
    }
    source += stride;
    out += outStride;
  }
}

/** The three channels of one output pixel of a row, as 32-bit numbers. */
// @ts-ignore: decorator
@inline
function pixelOfRow(row: usize, entry: usize, pairs: i32): v128 {
  let at = row + 3 * load<i32>(entry);
  let sum = weighted(neighbors(at), entry);
  for (let pair = 1; pair < pairs; pair++) {
    at += 6;
    entry += 8;
    sum = i32x4.add(sum, weighted(neighbors(at), entry));
  }
  return rounded(sum);
}

/** Two neighboring RGB pixels as 16-bit numbers: both reds, both greens, both blues, two zeros. */
// @ts-ignore: decorator
@inline
function neighbors(at: usize): v128 {
  return i8x16.swizzle(
    v128.load64_zero(at),
    i8x16(0, -1, 3, -1, 1, -1, 4, -1, 2, -1, 5, -1, -1, -1, -1, -1),
  );
}

/** The sums of four pairs of pixels, weighted as the entry's first pair of taps says. */
// @ts-ignore: decorator
@inline
function weighted(pairs: v128, entry: usize): v128 {
  const upper = i32x4.dot_i16x8_s(pairs, v128.load32_splat(entry + 4));
  const lower = i32x4.dot_i16x8_s(pairs, v128.load32_splat(entry + 8));
  return i32x4.add(i32x4.shl(upper, LOWER_BITS), lower);
}

// @ts-ignore: decorator
@inline
function rounded(sum: v128): v128 {
  return i32x4.shr_u(i32x4.add(sum, i32x4.splat(1 << (SHIFT - 1))), SHIFT);
}

/** Resizes the columns of rows of four-byte pixels, as `resizeRows` leaves them, to `size`; writes planes. */
export function resizeColumns(
  rows: usize,
  stride: usize,
  weights: usize,
  pairs: i32,
  size: i32,
  planes: usize,
  planeBytes: usize,
): void {
  const entryBytes: usize = 4 + 8 * pairs;
  for (let y = 0; y < size; y++) {
    const entry = weights + <usize>y * entryBytes;
    const top = rows + <usize>load<i32>(entry) * stride;
    const target = planes + y * size;
    for (let x = 0; x < size; x += 16) {
      const at = top + ((<usize>x) << 2);
      const a = byChannel(pixelsOfColumns(at, stride, entry, pairs));
      const b = byChannel(pixelsOfColumns(at + 16, stride, entry, pairs));
      const c = byChannel(pixelsOfColumns(at + 32, stride, entry, pairs));
      const d = byChannel(pixelsOfColumns(at + 48, stride, entry, pairs));
      const abRedGreen = v128.shuffle<i32>(a, b, 0, 4, 1, 5);
      const cdRedGreen = v128.shuffle<i32>(c, d, 0, 4, 1, 5);
      const abBlue = v128.shuffle<i32>(a, b, 2, 6, 3, 7);
      const cdBlue = v128.shuffle<i32>(c, d, 2, 6, 3, 7);
      v128.store(target + x, v128.shuffle<i64>(abRedGreen, cdRedGreen, 0, 2));
      v128.store(target + x + planeBytes, v128.shuffle<i64>(abRedGreen, cdRedGreen, 1, 3));
      v128.store(target + x + 2 * planeBytes, v128.shuffle<i64>(abBlue, cdBlue, 0, 2));
    }
  }
}

/** Four pixels side by side of an output row. */
// @ts-ignore: decorator
@inline
function pixelsOfColumns(at: usize, stride: usize, entry: usize, pairs: i32): v128 {
  let a = i32x4.splat(0), b = i32x4.splat(0), c = i32x4.splat(0), d = i32x4.splat(0);
  for (let pair = 0; pair < pairs; pair++) {
    const upper = v128.load(at), lower = v128.load(at + stride);
    const left = v128.shuffle<i8>(upper, lower, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
    const right = v128.shuffle<i8>(upper, lower, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
    a = i32x4.add(a, weighted(i16x8.extend_low_i8x16_u(left), entry));
    b = i32x4.add(b, weighted(i16x8.extend_high_i8x16_u(left), entry));
    c = i32x4.add(c, weighted(i16x8.extend_low_i8x16_u(right), entry));
    d = i32x4.add(d, weighted(i16x8.extend_high_i8x16_u(right), entry));
    at += 2 * stride;
    entry += 8;
  }
  return bytes(rounded(a), rounded(b), rounded(c), rounded(d));
}

/** The four reds of four pixels, then their greens and blues. */
// @ts-ignore: decorator
@inline
function byChannel(pixels: v128): v128 {
  return i8x16.swizzle(pixels, i8x16(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15));
}
