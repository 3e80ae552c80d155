// Pillow's blends: brightness, contrast and saturation; and the luma that they rest on.
import { bytes, ints0, ints1, ints2, ints3 } from './lanes';

/** Blends with black. */
export function brightness(planes: usize, planeBytes: usize, factor: f32): void {
  blendWithConstant(planes, planeBytes, 0, factor);
}

/** Blends with the mean luma of the image's `count` pixels. */
export function contrast(planes: usize, planeBytes: usize, count: i32, factor: f32): void {
  // Black counts nothing, so what the gap holds does not matter to the sum.
  for (let channel: usize = 0; channel < 3; channel++) {
    memory.fill(planes + channel * planeBytes + count, 0, planeBytes - count);
  }
  let sums = i32x4.splat(0);
  for (let i: usize = 0; i < <usize>count; i += 16) {
    const r = v128.load(planes + i), g = v128.load(planes + i + planeBytes);
    const b = v128.load(planes + i + 2 * planeBytes);
    const left = i32x4.add(luma0(r, g, b), luma1(r, g, b));
    sums = i32x4.add(sums, i32x4.add(left, i32x4.add(luma2(r, g, b), luma3(r, g, b))));
  }
  const sum =
    i32x4.extract_lane(sums, 0) +
    i32x4.extract_lane(sums, 1) +
    i32x4.extract_lane(sums, 2) +
    i32x4.extract_lane(sums, 3);
  blendWithConstant(planes, planeBytes, <i32>(<f64>sum / <f64>count + 0.5), factor);
}

function blendWithConstant(planes: usize, planeBytes: usize, constant: i32, factor: f32): void {
  const from = f32x4.splat(<f32>constant), alpha = f32x4.splat(factor);
  const end = planes + 3 * planeBytes;
  for (let at = planes; at < end; at += 16) v128.store(at, blend(from, from, from, from, v128.load(at), alpha));
}

/** Blends each of `count` pixels with its luma. */
export function saturation(planes: usize, planeBytes: usize, count: i32, factor: f32): void {
  const alpha = f32x4.splat(factor);
  for (let i: usize = 0; i < <usize>count; i += 16) {
    const red = planes + i, green = red + planeBytes, blue = green + planeBytes;
    const r = v128.load(red), g = v128.load(green), b = v128.load(blue);
    const gray0 = f32x4.convert_i32x4_s(luma0(r, g, b)), gray1 = f32x4.convert_i32x4_s(luma1(r, g, b));
    const gray2 = f32x4.convert_i32x4_s(luma2(r, g, b)), gray3 = f32x4.convert_i32x4_s(luma3(r, g, b));
    v128.store(red, blend(gray0, gray1, gray2, gray3, r, alpha));
    v128.store(green, blend(gray0, gray1, gray2, gray3, g, alpha));
    v128.store(blue, blend(gray0, gray1, gray2, gray3, b, alpha));
  }
}

/** Gives each of `count` pixels its luma in all channels. */
export function grayscale(planes: usize, planeBytes: usize, count: i32): void {
  for (let i: usize = 0; i < <usize>count; i += 16) {
    const red = planes + i, green = red + planeBytes, blue = green + planeBytes;
    const r = v128.load(red), g = v128.load(green), b = v128.load(blue);
    const gray = bytes(luma0(r, g, b), luma1(r, g, b), luma2(r, g, b), luma3(r, g, b));
    v128.store(red, gray);
    v128.store(green, gray);
    v128.store(blue, gray);
  }
}

/** Sixteen bytes blended from the levels of four vectors of floats; cut off toward zero, clipped. */
// @ts-ignore: decorator
@inline
function blend(from0: v128, from1: v128, from2: v128, from3: v128, to: v128, alpha: v128): v128 {
  return bytes(
    blendLanes(from0, ints0(to), alpha),
    blendLanes(from1, ints1(to), alpha),
    blendLanes(from2, ints2(to), alpha),
    blendLanes(from3, ints3(to), alpha),
  );
}

// @ts-ignore: decorator
@inline
function blendLanes(from: v128, to: v128, alpha: v128): v128 {
  const step = f32x4.mul(alpha, f32x4.sub(f32x4.convert_i32x4_s(to), from));
  const level = f32x4.pmax(f32x4.add(from, step), f32x4.splat(0));
  // Added to 2 ** 23, a float's whole part is its last bits; a conversion would have to mind all other floats.
  return v128.and(f32x4.add(f32x4.floor(level), f32x4.splat(8388608)), i32x4.splat(0xffff));
}

// The green weight, 38470, is no 16-bit number: half of it goes with red and half with blue.
// @ts-ignore: decorator
@inline
function luma(redGreen: v128, greenBlue: v128): v128 {
  const left = i32x4.dot_i16x8_s(redGreen, i32x4.splat(19595 | (19235 << 16)));
  const right = i32x4.dot_i16x8_s(greenBlue, i32x4.splat(19235 | (7471 << 16)));
  return i32x4.shr_u(i32x4.add(i32x4.add(left, right), i32x4.splat(1 << 15)), 16);
}

// @ts-ignore: decorator
@inline
function luma0(r: v128, g: v128, b: v128): v128 {
  return luma(i16x8.extend_low_i8x16_u(zipLow(r, g)), i16x8.extend_low_i8x16_u(zipLow(g, b)));
}

// @ts-ignore: decorator
@inline
function luma1(r: v128, g: v128, b: v128): v128 {
  return luma(i16x8.extend_high_i8x16_u(zipLow(r, g)), i16x8.extend_high_i8x16_u(zipLow(g, b)));
}

// @ts-ignore: decorator
@inline
function luma2(r: v128, g: v128, b: v128): v128 {
  return luma(i16x8.extend_low_i8x16_u(zipHigh(r, g)), i16x8.extend_low_i8x16_u(zipHigh(g, b)));
}

// @ts-ignore: decorator
@inline
function luma3(r: v128, g: v128, b: v128): v128 {
  return luma(i16x8.extend_high_i8x16_u(zipHigh(r, g)), i16x8.extend_high_i8x16_u(zipHigh(g, b)));
}

// @ts-ignore: decorator
@inline
function zipLow(a: v128, b: v128): v128 {
  return v128.shuffle<i8>(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}

// @ts-ignore: decorator
@inline
function zipHigh(a: v128, b: v128): v128 {
  return v128.shuffle<i8>(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
}
