import { floats } from './memory';

// The matrix product below every convolution. Its right side lies in panels of 8 columns, [columns / 8,
// depth, 8], so that the innermost loop reads it in one stream; the columns that fill up the last panel are 0.

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
      tile(aAt, aRow, aDepth, b, b + panel, cAt, cRow, accumulate);
      aAt += 4 * aRow;
      cAt += 4 * cRow;
    }
    b += panel;
  }
}

/** 4 rows by 8 columns: as many sums as the 16 vector registers of a 64-bit machine hold beside the factors. */
// @ts-ignore: decorator
@inline
function tile(
  row0: usize,
  aRow: usize,
  aDepth: usize,
  b: usize,
  end: usize,
  c: usize,
  cRow: usize,
  accumulate: bool,
): void {
  let row1 = row0 + aRow, row2 = row1 + aRow, row3 = row2 + aRow;
  let s0 = f32x4.splat(0), t0 = f32x4.splat(0), s1 = f32x4.splat(0), t1 = f32x4.splat(0);
  let s2 = f32x4.splat(0), t2 = f32x4.splat(0), s3 = f32x4.splat(0), t3 = f32x4.splat(0);
  while (b < end) {
    const low = v128.load(b);
    const high = v128.load(b, 16);
    const x0 = v128.load32_splat(row0);
    s0 = f32x4.add(s0, f32x4.mul(x0, low));
    t0 = f32x4.add(t0, f32x4.mul(x0, high));
    const x1 = v128.load32_splat(row1);
    s1 = f32x4.add(s1, f32x4.mul(x1, low));
    t1 = f32x4.add(t1, f32x4.mul(x1, high));
    const x2 = v128.load32_splat(row2);
    s2 = f32x4.add(s2, f32x4.mul(x2, low));
    t2 = f32x4.add(t2, f32x4.mul(x2, high));
    const x3 = v128.load32_splat(row3);
    s3 = f32x4.add(s3, f32x4.mul(x3, low));
    t3 = f32x4.add(t3, f32x4.mul(x3, high));
    b += 32;
    row0 += aDepth;
    row1 += aDepth;
    row2 += aDepth;
    row3 += aDepth;
  }
  put(c, s0, t0, accumulate);
  put(c + cRow, s1, t1, accumulate);
  put(c + 2 * cRow, s2, t2, accumulate);
  put(c + 3 * cRow, s3, t3, accumulate);
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
