// Addresses: every array holds float32 values unless its name says otherwise.

/** Bytes of n float32 values. */
// @ts-ignore: decorator
@inline
export function floats(n: i32): usize {
  return (<usize>n) << 2;
}

/** Copies `length` values. */
export function copyFloats(from: usize, to: usize, length: i32): void {
  const end = floats(length);
  let i: usize = 0;
  for (; i + 16 <= end; i += 16) v128.store(to + i, v128.load(from + i));
  for (; i < end; i += 4) store<f32>(to + i, load<f32>(from + i));
}

export function clearFloats(at: usize, length: i32): void {
  const end = at + floats(length);
  for (; at + 16 <= end; at += 16) v128.store(at, f32x4.splat(0));
  for (; at < end; at += 4) store<f32>(at, 0);
}
