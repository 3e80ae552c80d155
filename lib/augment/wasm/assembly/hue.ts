// Hue through Pillow's uint8 HSV. Pillow computes partly in float64; the float32 forms here give the same
// bytes for all colors and all turns, which the tests try one by one.
import { bytes, ints0, ints1, ints2, ints3 } from './lanes';

/** Turns the hues of `count` pixels by `turn` 256ths of the color wheel; gray pixels stay. */
export function hue(planes: usize, planeBytes: usize, count: i32, turn: i32): void {
  const turns = i8x16.splat(<i8>turn);
  for (let i: usize = 0; i < <usize>count; i += 16) {
    const red = planes + i, green = red + planeBytes, blue = green + planeBytes;
    const r = v128.load(red), g = v128.load(green), b = v128.load(blue);
    const value = i8x16.max_u(i8x16.max_u(r, g), b);
    const chroma = i8x16.sub(value, i8x16.min_u(i8x16.min_u(r, g), b));
    const angle = i8x16.add(hueOf(r, g, b, value, chroma), turns);
    writeHsv(red, green, blue, angle, value, chroma, i8x16.eq(chroma, i8x16.splat(0)));
  }
}

/**
 * In sixths of the wheel, a hue is that of its largest channel (0, 2 or 4) plus the distance of one other
 * channel from the largest, less the distance of the third, both in units of the chroma. One of the two
 * is 1, as it belongs to the smallest channel, so that only the other must be divided.
 */
// @ts-ignore: decorator
@inline
function hueOf(r: v128, g: v128, b: v128, value: v128, chroma: v128): v128 {
  const isRed = i8x16.eq(r, value), isGreen = i8x16.eq(g, value);
  const added = i8x16.sub(value, choose(isRed, b, isGreen, r, g));
  const taken = i8x16.sub(value, choose(isRed, g, isGreen, b, r));
  const base = choose(isRed, i8x16.splat(0), isGreen, i8x16.splat(2), i8x16.splat(4));
  const minus = i8x16.eq(added, chroma);
  const distance = v128.bitselect(taken, added, minus);
  // base + 1 where 1 is added, base - 1 where it is taken; biased by 1 to stay a byte.
  const whole = i8x16.add(base, v128.and(minus, i8x16.splat(2)));
  return bytes(
    hueLanes(ints0(distance), ints0(chroma), ints0(whole), ints0(minus)),
    hueLanes(ints1(distance), ints1(chroma), ints1(whole), ints1(minus)),
    hueLanes(ints2(distance), ints2(chroma), ints2(whole), ints2(minus)),
    hueLanes(ints3(distance), ints3(chroma), ints3(whole), ints3(minus)),
  );
}

// @ts-ignore: decorator
@inline
function choose(isA: v128, a: v128, isB: v128, b: v128, c: v128): v128 {
  return v128.bitselect(a, v128.bitselect(b, c, isB), isA);
}

// @ts-ignore: decorator
@inline
function hueLanes(distance: v128, chroma: v128, whole: v128, minus: v128): v128 {
  const quotient = f32x4.div(f32x4.convert_i32x4_s(distance), f32x4.convert_i32x4_s(chroma));
  const signed = v128.xor(quotient, i32x4.shl(minus, 31));
  const sixths = f32x4.add(f32x4.convert_i32x4_s(i32x4.sub(whole, i32x4.splat(1))), signed);
  const turns = f32x4.div(sixths, f32x4.splat(6));
  const below = f32x4.lt(turns, f32x4.splat(0));
  const positive = f32x4.add(turns, v128.and(below, f32x4.splat(1)));
  return i32x4.trunc_sat_f32x4_s(f32x4.mul(positive, f32x4.splat(255)));
}

/** Every channel is, by the sector of the wheel, the value, Pillow's p, or its q or t. */
// @ts-ignore: decorator
@inline
function writeHsv(red: usize, green: usize, blue: usize, angle: v128, value: v128, chroma: v128, gray: v128): void {
  const sector = bytes(
    sectorOf(ints0(angle)),
    sectorOf(ints1(angle)),
    sectorOf(ints2(angle)),
    sectorOf(ints3(angle)),
  );
  const p = bytes(
    least(ints0(value), ints0(chroma)),
    least(ints1(value), ints1(chroma)),
    least(ints2(value), ints2(chroma)),
    least(ints3(value), ints3(chroma)),
  );
  const between = bytes(
    middle(ints0(angle), ints0(value), ints0(chroma)),
    middle(ints1(angle), ints1(value), ints1(chroma)),
    middle(ints2(angle), ints2(value), ints2(chroma)),
    middle(ints3(angle), ints3(value), ints3(chroma)),
  );
  // Lanes: sectors 0 to 6, of which 6 is 0 again.
  const redIsValue = i8x16.swizzle(i8x16(-1, 0, 0, 0, 0, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0, 0), sector);
  const redIsBetween = i8x16.swizzle(i8x16(0, -1, 0, 0, -1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0), sector);
  const greenIsValue = i8x16.swizzle(i8x16(0, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0), sector);
  const greenIsBetween = i8x16.swizzle(i8x16(-1, 0, 0, -1, 0, 0, -1, 0, 0, 0, 0, 0, 0, 0, 0, 0), sector);
  const blueIsValue = i8x16.swizzle(i8x16(0, 0, 0, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0), sector);
  const blueIsBetween = i8x16.swizzle(i8x16(0, 0, -1, 0, 0, -1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0), sector);
  v128.store(red, choose(v128.or(gray, redIsValue), value, redIsBetween, between, p));
  v128.store(green, choose(v128.or(gray, greenIsValue), value, greenIsBetween, between, p));
  v128.store(blue, choose(v128.or(gray, blueIsValue), value, blueIsBetween, between, p));
}

/** floor(6 * angle / 255). */
// @ts-ignore: decorator
@inline
function sectorOf(angle: v128): v128 {
  return i32x4.shr_u(i32x4.add(i32x4.mul(angle, i32x4.splat(6 * 257)), i32x4.splat(257)), 16);
}

/** Pillow's saturation, a byte, as a share. */
// @ts-ignore: decorator
@inline
function shareOf(value: v128, chroma: v128): v128 {
  const quotient = f32x4.div(f32x4.convert_i32x4_s(chroma), f32x4.convert_i32x4_s(value));
  const saturation = i32x4.trunc_sat_f32x4_s(f32x4.mul(quotient, f32x4.splat(255)));
  return f32x4.div(f32x4.convert_i32x4_s(saturation), f32x4.splat(255));
}

// @ts-ignore: decorator
@inline
function least(value: v128, chroma: v128): v128 {
  return lessened(value, shareOf(value, chroma));
}

/** Pillow's q in odd sectors, where the channel falls with the angle, and t in even ones, where it rises. */
// @ts-ignore: decorator
@inline
function middle(angle: v128, value: v128, chroma: v128): v128 {
  const sector = sectorOf(angle);
  const sixfold = i32x4.mul(angle, i32x4.splat(6));
  const rest = i32x4.sub(sixfold, i32x4.sub(i32x4.shl(sector, 8), sector));
  const part = f32x4.div(f32x4.convert_i32x4_s(rest), f32x4.splat(255));
  const odd = i32x4.ne(v128.and(sector, i32x4.splat(1)), i32x4.splat(0));
  const fall = v128.bitselect(part, f32x4.sub(f32x4.splat(1), part), odd);
  return lessened(value, f32x4.mul(shareOf(value, chroma), fall));
}

/** value * (1 - share), rounded. */
// @ts-ignore: decorator
@inline
function lessened(value: v128, share: v128): v128 {
  const left = f32x4.mul(f32x4.convert_i32x4_s(value), f32x4.sub(f32x4.splat(1), share));
  return i32x4.trunc_sat_f32x4_s(f32x4.add(left, f32x4.splat(0.5)));
}
