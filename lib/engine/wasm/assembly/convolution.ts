import { clearFloats, copyFloats, floats } from './memory';
import { multiply, tile } from './product';

// Convolutions of any size, stride and padding as matrix products: the input pixels that meet a row of output
// pixels are gathered into a matrix [pixels, size * size * ins]. Filters are [size, size, ins, outs], images
// [batch, height, width, channels]. Work is divided in tasks that know nothing of each other; a thread
// has `room` bytes of scratch of its own.

let height: i32 = 0;
let width: i32 = 0;
let ins: i32 = 0;
let outHeight: i32 = 0;
let outWidth: i32 = 0;
let outs: i32 = 0;
let size: i32 = 0;
let stride: i32 = 0;
let padding: i32 = 0;

/** WebAssembly globals spare every function a dozen arguments. */
function setGeometry(
  xHeight: i32, xWidth: i32, xChannels: i32, yHeight: i32, yWidth: i32, yChannels: i32,
  filterSize: i32, convStride: i32, convPadding: i32,
): void {
  height = xHeight;
  width = xWidth;
  ins = xChannels;
  outHeight = yHeight;
  outWidth = yWidth;
  outs = yChannels;
  size = filterSize;
  stride = convStride;
  padding = convPadding;
}

// @ts-ignore: decorator
@inline
function roundUp(n: i32, to: i32): i32 {
  return (n + to - 1) / to * to;
}

/** The input's first row or column, maybe outside, that an output pixel of the batch meets. */
// @ts-ignore: decorator
@inline
function topOf(pixel: i32): i32 {
  return (pixel / outWidth) % outHeight * stride - padding;
}

// @ts-ignore: decorator
@inline
function leftOf(pixel: i32): i32 {
  return pixel % outWidth * stride - padding;
}

/** to[size * size * ins] = the input that the output pixel meets, 0 outside of the image. */
function gather(x: usize, pixel: i32, to: usize): void {
  const sample = pixel / (outHeight * outWidth);
  const top = topOf(pixel), left = leftOf(pixel);
  for (let h = top; h < top + size; h++) {
    for (let w = left; w < left + size; w++) {
      if (h >= 0 && h < height && w >= 0 && w < width) {
        copyFloats(x + floats(((sample * height + h) * width + w) * ins), to, ins);
      } else {
        clearFloats(to, ins);
      }
      to += floats(ins);
    }
  }
}

/** The reverse: adds the values gathered for an output pixel to the input pixels they came from. */
function spread(dx: usize, pixel: i32, from: usize): void {
  const sample = pixel / (outHeight * outWidth);
  const top = topOf(pixel), left = leftOf(pixel);
  for (let h = top; h < top + size; h++) {
    for (let w = left; w < left + size; w++) {
      if (h >= 0 && h < height && w >= 0 && w < width) {
        addFloats(from, dx + floats(((sample * height + h) * width + w) * ins), ins);
      }
      from += floats(ins);
    }
  }
}

function addFloats(from: usize, to: usize, length: i32): void {
  const end = floats(length);
  let i: usize = 0;
  for (; i + 16 <= end; i += 16) v128.store(to + i, f32x4.add(v128.load(to + i), v128.load(from + i)));
  for (; i < end; i += 4) store<f32>(to + i, load<f32>(to + i) + load<f32>(from + i));
}

/** Copies a sample with its margin of zeros: [height + 2 * padding, width + 2 * padding, ins]. */
function padSample(x: usize, sample: i32, to: usize): void {
  const row = width * ins, margin = padding * ins;
  const whole = row + 2 * margin;
  clearFloats(to, padding * whole);
  to += floats(padding * whole);
  for (let h = 0; h < height; h++) {
    clearFloats(to, margin);
    copyFloats(x + floats((sample * height + h) * row), to + floats(margin), row);
    clearFloats(to + floats(margin + row), margin);
    to += floats(whole);
  }
  clearFloats(to, padding * whole);
}

/** Where the input that each output pixel of a padded sample meets begins, in bytes. */
function findOffsets(offsets: usize): void {
  const row = (width + 2 * padding) * ins;
  for (let h = 0; h < outHeight; h++) {
    for (let w = 0; w < outWidth; w++) {
      store<usize>(offsets, floats(h * stride * row + w * stride * ins));
      offsets += sizeof<usize>();
    }
  }
}

// @ts-ignore: decorator
@inline
function offsetOf(offsets: usize, pixel: i32): usize {
  return load<usize>(offsets + (<usize>pixel) * sizeof<usize>());
}

/** y of block `task` of samples; the filter lies in panels [outs / 8, size * size * ins, 8]. */
export function convolve(
  task: i32, thread: i32, x: usize, panels: usize, y: usize, batch: i32,
  xHeight: i32, xWidth: i32, xChannels: i32, yHeight: i32, yWidth: i32, yChannels: i32,
  filterSize: i32, convStride: i32, convPadding: i32, samplesPerTask: i32, scratch: usize, room: usize,
): void {
  setGeometry(xHeight, xWidth, xChannels, yHeight, yWidth, yChannels, filterSize, convStride, convPadding);
  const pixels = outHeight * outWidth;
  const first = task * samplesPerTask;
  const count = min(samplesPerTask, batch - first);
  const sums = scratch + <usize>thread * room, offsets = sums + 128, samples = offsets + floats(pixels);
  const sampleLength = (height + 2 * padding) * (width + 2 * padding) * ins;
  findOffsets(offsets);
  for (let i = 0; i < count; i++) padSample(x, first + i, samples + floats(i * sampleLength));
  const panel = floats(8 * size * size * ins);
  const segment = floats(8 * size * ins), jump = floats((width + 2 * padding - size) * ins);
  for (let column = 0; column < outs; column += 8) {
    for (let i = 0; i < count; i++) {
      const from = samples + floats(i * sampleLength);
      let to = y + floats((first + i) * pixels * outs + column);
      for (let p = 0; p < pixels; p += 4) {
        const last = min(p + 3, pixels - 1);
        tile(
          from + offsetOf(offsets, p), from + offsetOf(offsets, min(p + 1, last)),
          from + offsetOf(offsets, min(p + 2, last)), from + offsetOf(offsets, last),
          4, segment, jump, panels, 32, panels + panel, sums, 32, false,
        );
        for (let at = sums; at <= sums + 32 * <usize>(last - p); at += 32) {
          copyFloats(at, to, min(8, outs - column));
          to += floats(outs);
        }
      }
    }
    panels += panel;
  }
}

/** dx of sample `task`; the transposed filter lies in panels [size * size * ins / 8, outs, 8]. */
export function inputGradient(
  task: i32, thread: i32, dy: usize, panels: usize, dx: usize,
  xHeight: i32, xWidth: i32, xChannels: i32, yHeight: i32, yWidth: i32, yChannels: i32,
  filterSize: i32, convStride: i32, convPadding: i32, pixelsPerBlock: i32, scratch: usize, room: usize,
): void {
  setGeometry(xHeight, xWidth, xChannels, yHeight, yWidth, yChannels, filterSize, convStride, convPadding);
  const columns = roundUp(size * size * ins, 8);
  const a = scratch + <usize>thread * room;
  const c = a + floats(pixelsPerBlock * outs);
  clearFloats(dx + floats(task * height * width * ins), height * width * ins);
  const end = (task + 1) * outHeight * outWidth;
  for (let first = task * outHeight * outWidth; first < end; first += pixelsPerBlock) {
    const count = min(pixelsPerBlock, end - first);
    const rows = roundUp(count, 4);
    copyFloats(dy + floats(first * outs), a, count * outs);
    clearFloats(a + floats(count * outs), (rows - count) * outs);
    multiply(a, floats(outs), 4, panels, c, floats(columns), rows, columns, outs, false);
    for (let i = 0; i < count; i++) spread(dx, first + i, c + floats(i * columns));
  }
}

/**
 * Share `task` of the filter gradient, from one of `shares` stretches of the output pixels, into
 * partial[task, size * size * ins up to a multiple of 4, outs up to a multiple of 8].
 */
export function filterGradient(
  task: i32, thread: i32, x: usize, dy: usize, partial: usize, batch: i32, shares: i32,
  xHeight: i32, xWidth: i32, xChannels: i32, yHeight: i32, yWidth: i32, yChannels: i32,
  filterSize: i32, convStride: i32, convPadding: i32, pixelsPerBlock: i32, scratch: usize, room: usize,
): void {
  setGeometry(xHeight, xWidth, xChannels, yHeight, yWidth, yChannels, filterSize, convStride, convPadding);
  const length = size * size * ins;
  const rows = roundUp(length, 4);
  const columns = roundUp(outs, 8);
  const a = scratch + <usize>thread * room;
  const b = a + floats(pixelsPerBlock * rows);
  const to = partial + floats(task * rows * columns);
  const pixels = batch * outHeight * outWidth;
  const perShare = (pixels + shares - 1) / shares;
  const end = min(pixels, (task + 1) * perShare);
  if (task * perShare >= end) clearFloats(to, rows * columns);
  for (let first = task * perShare; first < end; first += pixelsPerBlock) {
    const count = min(pixelsPerBlock, end - first);
    for (let i = 0; i < count; i++) {
      const row = a + floats(i * rows);
      gather(x, first + i, row);
      clearFloats(row + floats(length), rows - length);
      toPanels(dy + floats((first + i) * outs), b, i, count);
    }
    multiply(a, 4, floats(rows), b, to, floats(columns), rows, columns, count, first > task * perShare);
  }
}

/** As `filterGradient`, from one of `shares` stretches of the samples, for outs that are a multiple of 8. */
export function filterGradientOfSamples(
  task: i32, thread: i32, x: usize, dy: usize, partial: usize, batch: i32, shares: i32,
  xHeight: i32, xWidth: i32, xChannels: i32, yHeight: i32, yWidth: i32, yChannels: i32,
  filterSize: i32, convStride: i32, convPadding: i32, scratch: usize, room: usize,
): void {
  setGeometry(xHeight, xWidth, xChannels, yHeight, yWidth, yChannels, filterSize, convStride, convPadding);
  const length = size * size * ins;
  const rows = roundUp(length, 4);
  const row = (width + 2 * padding) * ins, outRow = floats(outs);
  const offsets = scratch + <usize>thread * room, sample = offsets + floats(rows);
  for (let i = 0; i < rows; i++) {
    const value = min(i, length - 1);
    store<usize>(offsets + floats(i), floats(value / (size * ins) * row + value % (size * ins)));
  }
  const segment = outRow * outWidth, jump = floats(stride * (row - outWidth * ins));
  const sampleBytes = segment * outHeight;
  const first = batch * task / shares, end = batch * (task + 1) / shares;
  const to = partial + floats(task * rows * outs);
  if (first == end) clearFloats(to, rows * outs);
  for (let i = first; i < end; i++) {
    padSample(x, i, sample);
    for (let column: usize = 0; column < outRow; column += 32) {
      const from = dy + <usize>i * sampleBytes + column;
      for (let r = 0; r < rows; r += 4) {
        tile(
          sample + offsetOf(offsets, r), sample + offsetOf(offsets, r + 1),
          sample + offsetOf(offsets, r + 2), sample + offsetOf(offsets, r + 3),
          floats(stride * ins), segment, jump, from, outRow, from + sampleBytes,
          to + floats(r * outs) + column, outRow, i > first,
        );
      }
    }
  }
}

/** Row `depthAt` of a matrix [depth, outs] into its panels. */
function toPanels(from: usize, panels: usize, depthAt: i32, depth: i32): void {
  for (let c = 0; c < outs; c += 8) {
    const to = panels + floats((c * depth) + 8 * depthAt);
    const inside = min(8, outs - c);
    copyFloats(from + floats(c), to, inside);
    clearFloats(to + floats(inside), 8 - inside);
  }
}

/** Row `task` of dw [rows, columns] as the sum of `shares` matrices [paddedRows, paddedColumns]. */
export function addShares(
  task: i32, _thread: i32, partial: usize, dw: usize, shares: i32, columns: i32, paddedRows: i32, paddedColumns: i32,
): void {
  const to = dw + floats(task * columns);
  partial += floats(task * paddedColumns);
  copyFloats(partial, to, columns);
  for (let share = 1; share < shares; share++) {
    addFloats(partial + floats(share * paddedRows * paddedColumns), to, columns);
  }
}

/** Place `task` of turned[size-1-kh, size-1-kw, outs, ins] = filter[kh, kw, ins, outs]. */
export function turnFilter(
  task: i32, _thread: i32, filter: usize, turned: usize, places: i32, channelsIn: i32, channelsOut: i32,
): void {
  const from = filter + floats(task * channelsIn * channelsOut);
  const to = turned + floats((places - 1 - task) * channelsIn * channelsOut);
  // In squares of 16, so that lines of both sides stay in the cache.
  for (let i0 = 0; i0 < channelsIn; i0 += 16) {
    for (let o0 = 0; o0 < channelsOut; o0 += 16) {
      for (let i = i0; i < min(channelsIn, i0 + 16); i++) {
        for (let o = o0; o < min(channelsOut, o0 + 16); o++) {
          store<f32>(to + floats(o * channelsIn + i), load<f32>(from + floats(i * channelsOut + o)));
        }
      }
    }
  }
}
