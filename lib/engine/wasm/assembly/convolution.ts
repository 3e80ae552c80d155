// Gradients of a convolution. The filter gradient: for every place of the filter, products of shifted input
// pixels with output-gradient pixels, in register tiles of 4 input by 8 output channels; samples are taken in
// blocks that stay in the cache while all tiles pass over them. The input gradient is a convolution again, for
// which the filter is turned and the output gradient spread out here.

// The geometry of the call at hand; WebAssembly globals spare every tile a dozen arguments.
let height: i32 = 0;
let width: i32 = 0;
let inChannels: i32 = 0;
let outHeight: i32 = 0;
let outWidth: i32 = 0;
let outChannels: i32 = 0;
let stride: i32 = 0;
let padding: i32 = 0;
/** Samples of the block. */
let firstSample: i32 = 0;
let lastSample: i32 = 0;

/** The first output place whose input, `offset` places on, lies inside the picture. */
function firstInside(offset: i32): i32 {
  return offset >= padding ? 0 : (padding - offset + stride - 1) / stride;
}

/** One past the last output place whose input lies inside a picture of the given size. */
function endInside(offset: i32, size: i32, outSize: i32): i32 {
  return min(outSize, (size - 1 - offset + padding) / stride + 1);
}

/** dw[kh, kw, inChannels, outChannels] for x [batch, height, width, in] and dy [batch, ..., out]. */
export function filterGradient(
  x: usize,
  dy: usize,
  dw: usize,
  batch: i32,
  xHeight: i32,
  xWidth: i32,
  xChannels: i32,
  dyHeight: i32,
  dyWidth: i32,
  dyChannels: i32,
  size: i32,
  convStride: i32,
  convPadding: i32,
  samplesPerBlock: i32,
): void {
  height = xHeight;
  width = xWidth;
  inChannels = xChannels;
  outHeight = dyHeight;
  outWidth = dyWidth;
  outChannels = dyChannels;
  stride = convStride;
  padding = convPadding;
  const matrix = (<usize>(inChannels * outChannels)) << 2;
  memory.fill(dw, 0, <usize>(size * size) * matrix);
  for (firstSample = 0; firstSample < batch; firstSample += samplesPerBlock) {
    lastSample = min(batch, firstSample + samplesPerBlock);
    let at = dw;
    for (let kh = 0; kh < size; kh++) {
      for (let kw = 0; kw < size; kw++) {
        filterPlace(x, dy, at, kh, kw);
        at += matrix;
      }
    }
  }
}

/** All channels of one place of the filter. */
function filterPlace(x: usize, dy: usize, dw: usize, kh: i32, kw: i32): void {
  for (let ci = 0; ci < inChannels; ) {
    const rows = ci + 4 <= inChannels ? 4 : 1;
    for (let co = 0; co < outChannels; ) {
      const out = dw + ((<usize>(ci * outChannels + co)) << 2);
      const columns = co + 8 <= outChannels ? 8 : 1;
      if (columns == 1) for (let r = 0; r < rows; r++) tile1x1(x, dy, out + ((<usize>(r * outChannels)) << 2), kh, kw, ci + r, co);
      else if (rows == 4) tile4x8(x, dy, out, kh, kw, ci, co);
      else tile1x8(x, dy, out, kh, kw, ci, co);
      co += columns;
    }
    ci += rows;
  }
}

/** Address of the input pixel's channel that output pixel (row, column) of a sample meets. */
// @ts-ignore: decorator
@inline
function inputAt(x: usize, sample: i32, row: i32, column: i32, kh: i32, kw: i32, ci: i32): usize {
  const h = row * stride + kh - padding;
  const w = column * stride + kw - padding;
  return x + ((<usize>(((sample * height + h) * width + w) * inChannels + ci)) << 2);
}

// @ts-ignore: decorator
@inline
function outputAt(dy: usize, sample: i32, row: i32, column: i32, co: i32): usize {
  return dy + ((<usize>(((sample * outHeight + row) * outWidth + column) * outChannels + co)) << 2);
}

// @ts-ignore: decorator
@inline
function accumulate(to: usize, low: v128, high: v128): void {
  v128.store(to, f32x4.add(v128.load(to), low));
  v128.store(to, f32x4.add(v128.load(to, 16), high), 16);
}

function tile4x8(x: usize, dy: usize, out: usize, kh: i32, kw: i32, ci: i32, co: i32): void {
  let a0 = f32x4.splat(0), a1 = f32x4.splat(0), b0 = f32x4.splat(0), b1 = f32x4.splat(0);
  let c0 = f32x4.splat(0), c1 = f32x4.splat(0), d0 = f32x4.splat(0), d1 = f32x4.splat(0);
  const rowFrom = firstInside(kh), rowTo = endInside(kh, height, outHeight);
  const from = firstInside(kw), to = endInside(kw, width, outWidth);
  const xStep = (<usize>(stride * inChannels)) << 2;
  const dyStep = (<usize>outChannels) << 2;
  for (let sample = firstSample; sample < lastSample; sample++) {
    for (let row = rowFrom; row < rowTo; row++) {
      let xAt = inputAt(x, sample, row, from, kh, kw, ci);
      let dyAt = outputAt(dy, sample, row, from, co);
      for (let column = from; column < to; column++) {
        const low = v128.load(dyAt);
        const high = v128.load(dyAt, 16);
        const x0 = v128.load32_splat(xAt);
        a0 = f32x4.add(a0, f32x4.mul(x0, low));
        a1 = f32x4.add(a1, f32x4.mul(x0, high));
        const x1 = v128.load32_splat(xAt, 4);
        b0 = f32x4.add(b0, f32x4.mul(x1, low));
        b1 = f32x4.add(b1, f32x4.mul(x1, high));
        const x2 = v128.load32_splat(xAt, 8);
        c0 = f32x4.add(c0, f32x4.mul(x2, low));
        c1 = f32x4.add(c1, f32x4.mul(x2, high));
        const x3 = v128.load32_splat(xAt, 12);
        d0 = f32x4.add(d0, f32x4.mul(x3, low));
        d1 = f32x4.add(d1, f32x4.mul(x3, high));
        xAt += xStep;
        dyAt += dyStep;
      }
    }
  }
  accumulate(out, a0, a1);
  accumulate(out + dyStep, b0, b1);
  accumulate(out + 2 * dyStep, c0, c1);
  accumulate(out + 3 * dyStep, d0, d1);
}

function tile1x8(x: usize, dy: usize, out: usize, kh: i32, kw: i32, ci: i32, co: i32): void {
  let low = f32x4.splat(0), high = f32x4.splat(0);
  const rowFrom = firstInside(kh), rowTo = endInside(kh, height, outHeight);
  const from = firstInside(kw), to = endInside(kw, width, outWidth);
  const xStep = (<usize>(stride * inChannels)) << 2;
  const dyStep = (<usize>outChannels) << 2;
  for (let sample = firstSample; sample < lastSample; sample++) {
    for (let row = rowFrom; row < rowTo; row++) {
      let xAt = inputAt(x, sample, row, from, kh, kw, ci);
      let dyAt = outputAt(dy, sample, row, from, co);
      for (let column = from; column < to; column++) {
        const value = v128.load32_splat(xAt);
        low = f32x4.add(low, f32x4.mul(value, v128.load(dyAt)));
        high = f32x4.add(high, f32x4.mul(value, v128.load(dyAt, 16)));
        xAt += xStep;
        dyAt += dyStep;
      }
    }
  }
  accumulate(out, low, high);
}

function tile1x1(x: usize, dy: usize, out: usize, kh: i32, kw: i32, ci: i32, co: i32): void {
  let sum: f32 = 0;
  const rowFrom = firstInside(kh), rowTo = endInside(kh, height, outHeight);
  const from = firstInside(kw), to = endInside(kw, width, outWidth);
  for (let sample = firstSample; sample < lastSample; sample++) {
    for (let row = rowFrom; row < rowTo; row++) {
      for (let column = from; column < to; column++) {
        const value = load<f32>(inputAt(x, sample, row, column, kh, kw, ci));
        sum += value * load<f32>(outputAt(dy, sample, row, column, co));
      }
    }
  }
  store<f32>(out, load<f32>(out) + sum);
}

/** turned[size-1-kh, size-1-kw, out, in] = filter[kh, kw, in, out]: the filter of the input gradient. */
export function turnFilter(filter: usize, turned: usize, size: i32, ins: i32, outs: i32): void {
  const places = size * size;
  const matrix = (<usize>(ins * outs)) << 2;
  for (let place = 0; place < places; place++) {
    const from = filter + <usize>place * matrix;
    const to = turned + <usize>(places - 1 - place) * matrix;
    // In squares of 16, so that lines of both sides stay in the cache.
    for (let i0 = 0; i0 < ins; i0 += 16) {
      for (let o0 = 0; o0 < outs; o0 += 16) {
        for (let i = i0; i < min(ins, i0 + 16); i++) {
          for (let o = o0; o < min(outs, o0 + 16); o++) {
            store<f32>(to + ((<usize>(o * ins + i)) << 2), load<f32>(from + ((<usize>(i * outs + o)) << 2)));
          }
        }
      }
    }
  }
}

/** spread[n, stride*h, stride*w, c] = dy[n, h, w, c], zeros elsewhere. */
export function spreadOut(
  dy: usize,
  spread: usize,
  batch: i32,
  rows: i32,
  columns: i32,
  channels: i32,
  spreadRows: i32,
  spreadColumns: i32,
  step: i32,
): void {
  const pixel = (<usize>channels) << 2;
  memory.fill(spread, 0, <usize>(batch * spreadRows * spreadColumns) * pixel);
  for (let n = 0; n < batch; n++) {
    for (let h = 0; h < rows; h++) {
      for (let w = 0; w < columns; w++) {
        const to = <usize>((n * spreadRows + h * step) * spreadColumns + w * step) * pixel;
        memory.copy(spread + to, dy, pixel);
        dy += pixel;
      }
    }
  }
}
