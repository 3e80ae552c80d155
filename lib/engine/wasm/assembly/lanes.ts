// Multiply-add of four values. A binary compiled with relaxed SIMD rounds it once if the processor can, which is
// faster and a little more exact; the plain one rounds product and sum.

/** x * y + z. */
// @ts-ignore: decorator
@inline
export function madd(x: v128, y: v128, z: v128): v128 {
  return ASC_FEATURE_RELAXED_SIMD ? f32x4.relaxed_madd(x, y, z) : f32x4.add(z, f32x4.mul(x, y));
}

/** z - x * y. */
// @ts-ignore: decorator
@inline
export function nmadd(x: v128, y: v128, z: v128): v128 {
  return ASC_FEATURE_RELAXED_SIMD ? f32x4.relaxed_nmadd(x, y, z) : f32x4.sub(z, f32x4.mul(x, y));
}

/** What rounding x * x leaves of it, which is 0 unless `madd` rounds once. */
export function roundingOfSquare(x: f32): f32 {
  const value = f32x4.splat(x);
  const square = f32x4.mul(value, value);
  return f32x4.extract_lane(madd(value, value, f32x4.neg(square)), 0);
}
