// Pillow's Gaussian blur: box blurs along the rows, then along the columns. They run to and fro between two
// copies of the image with margins, in which the border's own pixels go on.

const LOWER_BITS = 12;

/**
 * Blurs the planes with a box that reaches `reach` pixels (at most 63) to both sides and has the given weights
 * of 1 << 24, `passes` times along each axis. `scratch` has room for two images with margins of reach + 1.
 */
export function blur(
  planes: usize,
  planeBytes: usize,
  size: i32,
  reach: i32,
  weight: i32,
  endWeight: i32,
  passes: i32,
  scratch: usize,
): void {
  const margin = reach + 1;
  const stride: usize = (size + 2 * margin + 7) & ~7;
  const bytes = stride * (size + 2 * margin) + 16;
  for (let channel: usize = 0; channel < 3; channel++) {
    const plane = planes + channel * planeBytes;
    // The image's first pixel in each copy.
    let from: usize = scratch + stride * margin + margin, to = from + bytes;
    copyRows(plane, size, from, stride, size);
    for (let pass = 0; pass < passes; pass++) {
      extendRows(from, stride, size, margin);
      boxPass(from, to, stride, size, 1, reach, weight, endWeight);
      const other = from;
      from = to;
      to = other;
    }
    for (let pass = 0; pass < passes; pass++) {
      extendColumns(from, stride, size, margin);
      boxPass(from, to, stride, size, stride, reach, weight, endWeight);
      const other = from;
      from = to;
      to = other;
    }
    copyRows(from, stride, plane, size, size);
  }
}

/** Copies rows in whole vectors: what is too much of a row, the next one overwrites. */
function copyRows(from: usize, fromStride: usize, to: usize, toStride: usize, size: i32): void {
  for (let y = 0; y < size; y++) {
    for (let x: usize = 0; x < <usize>size; x += 16) v128.store(to + x, v128.load(from + x));
    from += fromStride;
    to += toStride;
  }
}

function extendRows(at: usize, stride: usize, size: i32, margin: i32): void {
  for (let y = 0; y < size; y++) {
    const first = load<u8>(at), last = load<u8>(at + size - 1);
    for (let x: usize = 1; x <= <usize>margin; x++) {
      store<u8>(at - x, first);
      store<u8>(at + size - 1 + x, last);
    }
    at += stride;
  }
}

function extendColumns(at: usize, stride: usize, size: i32, margin: i32): void {
  const last = at + stride * (size - 1);
  for (let y: usize = 1; y <= <usize>margin; y++) {
    for (let x: usize = 0; x < <usize>size; x += 8) {
      store<u64>(at - y * stride + x, load<u64>(at + x));
      store<u64>(last + y * stride + x, load<u64>(last + x));
    }
  }
}

/** One box blur along the axis on which neighbors are `step` bytes apart. */
function boxPass(
  from: usize,
  to: usize,
  stride: usize,
  size: i32,
  step: usize,
  reach: i32,
  weight: i32,
  endWeight: i32,
): void {
  const upper = i32x4.splat((weight >> LOWER_BITS) | ((endWeight >> LOWER_BITS) << 16));
  const mask = (1 << LOWER_BITS) - 1;
  const lower = i32x4.splat((weight & mask) | ((endWeight & mask) << 16));
  const toEnd = <usize>(reach + 1) * step;
  for (let y = 0; y < size; y++) {
    for (let x: usize = 0; x < <usize>size; x += 16) {
      const at = from + x;
      const middle = v128.load(at), before = v128.load(at - toEnd), after = v128.load(at + toEnd);
      let sumLow = i16x8.extend_low_i8x16_u(middle), sumHigh = i16x8.extend_high_i8x16_u(middle);
      for (let t = step; t < toEnd; t += step) {
        sumLow = i16x8.add(sumLow, addLow(v128.load(at - t), v128.load(at + t)));
        sumHigh = i16x8.add(sumHigh, addHigh(v128.load(at - t), v128.load(at + t)));
      }
      const endsLow = addLow(before, after), endsHigh = addHigh(before, after);
      const left = i16x8.narrow_i32x4_u(
        weighted(v128.shuffle<i16>(sumLow, endsLow, 0, 8, 1, 9, 2, 10, 3, 11), upper, lower),
        weighted(v128.shuffle<i16>(sumLow, endsLow, 4, 12, 5, 13, 6, 14, 7, 15), upper, lower),
      );
      const right = i16x8.narrow_i32x4_u(
        weighted(v128.shuffle<i16>(sumHigh, endsHigh, 0, 8, 1, 9, 2, 10, 3, 11), upper, lower),
        weighted(v128.shuffle<i16>(sumHigh, endsHigh, 4, 12, 5, 13, 6, 14, 7, 15), upper, lower),
      );
      v128.store(to + x, i8x16.narrow_i16x8_u(left, right));
    }
    from += stride;
    to += stride;
  }
}

// @ts-ignore: decorator
@inline
function addLow(a: v128, b: v128): v128 {
  return i16x8.add(i16x8.extend_low_i8x16_u(a), i16x8.extend_low_i8x16_u(b));
}

// @ts-ignore: decorator
@inline
function addHigh(a: v128, b: v128): v128 {
  return i16x8.add(i16x8.extend_high_i8x16_u(a), i16x8.extend_high_i8x16_u(b));
}

/** Pairs of a box's sum and its two ends' sum, weighted in 24-bit fixed point and rounded. */
// @ts-ignore: decorator
@inline
function weighted(pairs: v128, upper: v128, lower: v128): v128 {
  const sum = i32x4.add(
    i32x4.shl(i32x4.dot_i16x8_s(pairs, upper), LOWER_BITS),
    i32x4.dot_i16x8_s(pairs, lower),
  );
  return i32x4.shr_u(i32x4.add(sum, i32x4.splat(1 << 23)), 24);
}
