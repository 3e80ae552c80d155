// Sixteen bytes as four times four 32-bit lanes, and back.

// @ts-ignore: decorator
@inline
export function ints0(v: v128): v128 {
  return i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v));
}

// @ts-ignore: decorator
@inline
export function ints1(v: v128): v128 {
  return i32x4.extend_high_i16x8_u(i16x8.extend_low_i8x16_u(v));
}

// @ts-ignore: decorator
@inline
export function ints2(v: v128): v128 {
  return i32x4.extend_low_i16x8_u(i16x8.extend_high_i8x16_u(v));
}

// @ts-ignore: decorator
@inline
export function ints3(v: v128): v128 {
  return i32x4.extend_high_i16x8_u(i16x8.extend_high_i8x16_u(v));
}

/** Sixteen 32-bit numbers as bytes, those outside 0..255 clipped. */
// @ts-ignore: decorator
@inline
export function bytes(a: v128, b: v128, c: v128, d: v128): v128 {
  return i8x16.narrow_i16x8_u(i16x8.narrow_i32x4_s(a, b), i16x8.narrow_i32x4_s(c, d));
}
