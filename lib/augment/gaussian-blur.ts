import { UserError } from '../core/errors';
import { checkLength, checkSize } from './check';
import { reusableBytes } from './scratch';

/** Box blurs along each axis that make a Gaussian blur. */
export const PASSES = 3;

const scratch = reusableBytes();
let sumsBuffer = new Int32Array(0);

/**
 * Blurs a uint8 RGB image [size, size, 3] in place as Pillow's GaussianBlur(sigma): three box blurs along
 * the rows, then three along the columns, each rounded to uint8.
 * @param sigma standard deviation in pixels
 * @throws UserError when sigma is not positive
 */
export function gaussianBlur(image: Uint8Array, size: number, sigma: number): void {
  blurBothAxes(image, size, gaussianBox(sigma), PASSES);
}

/** Blurs a uint8 RGB image [size, size, 3] in place as Pillow's BoxBlur(radius), once along each axis. */
export function boxBlur(image: Uint8Array, size: number, radius: number): void {
  blurBothAxes(image, size, boxOf(radius), 1);
}

/** A box of pixels to average: all within `reach` weigh `weight`, the next on both sides `endWeight`, of 1 << 24. */
export interface Box {
  reach: number;
  weight: number;
  endWeight: number;
}

/**
 * The box of each pass of a Gaussian blur.
 * @throws UserError when sigma is not positive
 */
export function gaussianBox(sigma: number): Box {
  if (!(sigma > 0)) throw new UserError(`The blur's sigma is ${sigma} pixels. Give a number above 0.`);
  return boxOf(boxRadius(sigma));
}

function boxOf(radius: number): Box {
  const reach = Math.floor(radius);
  const weight = Math.trunc(Math.fround((1 << 24) / Math.fround(radius * 2 + 1)));
  return { reach, weight, endWeight: Math.trunc(((1 << 24) - (reach * 2 + 1) * weight) / 2) };
}

/**
 * The radius of the box whose repeated blur has the variance of a Gaussian, with a fractional part that
 * weighs the two pixels at its ends (Gwosdek et al., "Theoretical foundations of Gaussian convolution by
 * extended box filtering"), in float32 as Pillow computes it.
 */
function boxRadius(sigma: number): number {
  const { fround } = Math;
  const variance = fround(fround(fround(sigma) ** 2) / PASSES);
  const length = fround(Math.sqrt(12 * variance + 1));
  const whole = Math.floor((length - 1) / 2);
  const excess = fround((2 * whole + 1) * fround(whole * (whole + 1) - fround(3 * variance)));
  const room = fround(6 * fround(variance - (whole + 1) ** 2));
  return fround(whole + fround(excess / room));
}

function blurBothAxes(image: Uint8Array, size: number, box: Box, passes: number): void {
  checkSize('The image to blur', size);
  checkLength('The image to blur', image.length, size * size * 3, `${size}x${size} RGB`);
  const other = scratch(image.length);
  // Columns are blurred row by row, which runs along memory; rows are blurred as columns of the transpose.
  transpose(image, size, other);
  let blurred = blurColumns(other, image, size, box, passes);
  const rest = blurred === other ? image : other;
  transpose(blurred, size, rest);
  blurred = blurColumns(rest, blurred, size, box, passes);
  if (blurred !== image) image.set(blurred.subarray(0, image.length));
}

/** Swaps rows and columns of an RGB image. */
function transpose(from: Uint8Array, size: number, to: Uint8Array): void {
  let target = 0;
  for (let x = 0; x < size; x++) {
    for (let y = 0; y < size; y++) {
      const pixel = (y * size + x) * 3;
      to[target] = from[pixel];
      to[target + 1] = from[pixel + 1];
      to[target + 2] = from[pixel + 2];
      target += 3;
    }
  }
}

/** Runs the passes to and fro between two images; returns the one that holds the result. */
function blurColumns(
  image: Uint8Array,
  other: Uint8Array,
  size: number,
  box: Box,
  passes: number,
): Uint8Array {
  let from = image;
  let to = other;
  for (let pass = 0; pass < passes; pass++) {
    blurColumnsOnce(from, to, size, box);
    [from, to] = [to, from];
  }
  return from;
}

/** One box blur in 24-bit fixed point; beyond the border the border's own pixels go on. */
function blurColumnsOnce(from: Uint8Array, to: Uint8Array, size: number, box: Box): void {
  const { reach, weight, endWeight } = box;
  const stride = size * 3;
  const row = (y: number) => Math.min(Math.max(y, 0), size - 1) * stride;
  const sums = columnSums(stride).fill(0);
  for (let y = -reach; y <= reach; y++) {
    const start = row(y);
    for (let i = 0; i < stride; i++) sums[i] += from[start + i];
  }
  for (let y = 0; y < size; y++) {
    const target = y * stride;
    const before = row(y - reach - 1);
    const after = row(y + reach + 1);
    const leaving = row(y - reach);
    for (let i = 0; i < stride; i++) {
      const sum = sums[i];
      const entering = from[after + i];
      const ends = from[before + i] + entering;
      to[target + i] = (Math.imul(weight, sum) + Math.imul(endWeight, ends) + (1 << 23)) >>> 24;
      sums[i] = sum + entering - from[leaving + i];
    }
  }
}

function columnSums(length: number): Int32Array {
  if (sumsBuffer.length < length) sumsBuffer = new Int32Array(length);
  return sumsBuffer;
}
