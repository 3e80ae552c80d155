import { madd } from './lanes';
import { floats } from './memory';

// The matrix product below every convolution. Its right side lies in panels of 8 columns, [columns / 8,
// depth, 8], so that the innermost loop reads it in one stream; the columns that fill up the last panel are 0.

/**
 * Products that are summed one after the other before the sum joins the others: the error of a sum grows with the
 * longest chain of additions in it.
 */
const CHAIN: usize = 32;

/**
 * c (+)= a * b for a [rows, depth] and b in panels. Rows is a multiple of 4, columns of 8. Successive rows and
 * depths of a lie aRow and aDepth bytes apart, rows of c cRow bytes.
 */
export function multiply(
  a: usize,
  aRow: usize,
  aDepth: usize,
  b: usize,
  c: usize,
  cRow: usize,
  rows: i32,
  columns: i32,
  depth: i32,
  accumulate: bool,
): void {
  const panel = floats(8 * depth);
  for (let column = 0; column < columns; column += 8) {
    let aAt = a;
    let cAt = c + floats(column);
    for (let row = 0; row < rows; row += 4) {
      const row1 = aAt + aRow, row2 = row1 + aRow;
      tile(aAt, row1, row2, row2 + aRow, aDepth, panel, 0, b, 32, b + panel, cAt, cRow, accumulate);
      aAt += 4 * aRow;
      cAt += 4 * cRow;
    }
    b += panel;
  }
}

/**
 * c (+)= a * b for 4 rows of a and 8 columns of b: as many sums as the 16 vector registers of a 64-bit machine hold
 * beside the factors. Successive rows of b, from b to end, lie bStep bytes apart. After every `segment` bytes of b
 * the rows of a jump by `jump` bytes more.
 */
// @ts-ignore: decorator
@inline
export function tile(
  row0: usize,
  row1: usize,
  row2: usize,
  row3: usize,
  aDepth: usize,
  segment: usize,
  jump: usize,
  b: usize,
  bStep: usize,
  end: usize,
  c: usize,
  cRow: usize,
  accumulate: bool,
): void {
  let segmentEnd = b + segment;
  do {
    const chainEnd = min(end, b + CHAIN * bStep);
    let s0 = f32x4.splat(0), t0 = f32x4.splat(0), s1 = f32x4.splat(0), t1 = f32x4.splat(0);
    let s2 = f32x4.splat(0), t2 = f32x4.splat(0), s3 = f32x4.splat(0), t3 = f32x4.splat(0);
    while (b < chainEnd) {
      const stop = min(chainEnd, segmentEnd);
      while (b < stop) {
        const low = v128.load(b);
        const high = v128.load(b, 16);
        const x0 = v128.load32_splat(row0);
        s0 = madd(x0, low, s0);
        t0 = madd(x0, high, t0);
        const x1 = v128.load32_splat(row1);
        s1 = madd(x1, low, s1);
        t1 = madd(x1, high, t1);
        const x2 = v128.load32_splat(row2);
        s2 = madd(x2, low, s2);
        t2 = madd(x2, high, t2);
        const x3 = v128.load32_splat(row3);
        s3 = madd(x3, low, s3);
        t3 = madd(x3, high, t3);
        b += bStep;
        row0 += aDepth;
        row1 += aDepth;
        row2 += aDepth;
        row3 += aDepth;
      }
      if (b == segmentEnd) {
        segmentEnd += segment;
        row0 += jump;
        row1 += jump;
        row2 += jump;
        row3 += jump;
      }
    }
    put(c, s0, t0, accumulate);
    put(c + cRow, s1, t1, accumulate);
    put(c + 2 * cRow, s2, t2, accumulate);
    put(c + 3 * cRow, s3, t3, accumulate);
    accumulate = true;
  } while (b < end);
}

// @ts-ignore: decorator
@inline
function put(to: usize, low: v128, high: v128, accumulate: bool): void {
  if (accumulate) {
    low = f32x4.add(low, v128.load(to));
    high = f32x4.add(high, v128.load(to, 16));
  }
  v128.store(to, low);
  v128.store(to, high, 16);
}

/** Panel `task` of the matrix whose element (depth, column) lies at from + depth * depthStep + column * columnStep. */
export function packPanel(
  task: i32,
  _thread: i32,
  from: usize,
  panels: usize,
  depth: i32,
  columns: i32,
  depthStep: usize,
  columnStep: usize,
): void {
  let to = panels + floats(task * 8 * depth);
  const first = 8 * task;
  const inside = min(8, columns - first);
  from += <usize>first * columnStep;
  for (let k = 0; k < depth; k++) {
    for (let c = 0; c < inside; c++) store<f32>(to + floats(c), load<f32>(from + <usize>c * columnStep));
    for (let c = inside; c < 8; c++) store<f32>(to + floats(c), 0);
    from += depthStep;
    to += 32;
  }
}
