import { madd, nmadd } from './lanes';
import { clearFloats, floats } from './memory';
import { multiply } from './product';

// 3x3 convolutions of stride 1 and padding 1 by Winograd's minimal filtering F(4x4, 3x3) (Lavin and Gray,
// "Fast Algorithms for Convolutional Neural Networks", 2016): 36 products for 16 outputs instead of 144.
//   y = A'[(G w G') * (B' x B)]A      dw = G'[(B' x B) * (A dy A')]G
// Its points are 0, +-11/16, +-3/2 and infinity: of those whose squares float32 holds exactly they round best,
// with errors three times a direct sum's; the usual 0, +-1, +-2 make it ten times.
// Channels are multiples of 8. The 36 products are matrix products over tiles and channels, one for each place
// of the transformed tiles: arrays of them are [place, tile or channel in, channel].

const PLACES: usize = 36;
const a: f32 = 11.0 / 16;
const b: f32 = 1.5;
const aa: f32 = a * a;
const bb: f32 = b * b;
const product: f32 = aa * bb;
/** What the points +-a and +-b weigh in G. */
const weightA: f64 = 1 / (2 * <f64>aa * (<f64>aa - <f64>bb));
const weightB: f64 = 1 / (2 * <f64>bb * (<f64>bb - <f64>aa));

let height: i32 = 0;
let width: i32 = 0;
let tilesDown: i32 = 0;
let tilesAcross: i32 = 0;

function setImage(imageHeight: i32, imageWidth: i32): void {
  height = imageHeight;
  width = imageWidth;
  tilesDown = (height + 3) >> 2;
  tilesAcross = (width + 3) >> 2;
}

/** Distance of two places of a transformed block: odd in cache lines, so that places do not evict each other. */
// @ts-ignore: decorator
@inline
function placeBytes(length: i32): usize {
  return (floats(length) & ~127) + 192;
}

/** Bytes of scratch for a thread of the forward pass and of the filter gradient. */
export function winogradRoom(tiles: i32, channelsIn: i32, channelsOut: i32): i32 {
  const block = placeBytes(tiles * channelsIn) + placeBytes(tiles * channelsOut);
  return <i32>(PLACES * block) + 4 * max(channelsIn, channelsOut) + 1024;
}

// Per thread, before its blocks: the addresses of a tile's pixels, a half-transformed tile, and zeros, which
// stand for the pixels outside of the image.
// @ts-ignore: decorator
@inline
function pixelsOf(scratch: usize): usize {
  return scratch;
}
// @ts-ignore: decorator
@inline
function halfOf(scratch: usize): usize {
  return scratch + 192;
}
// @ts-ignore: decorator
@inline
function zerosOf(scratch: usize): usize {
  return scratch + 832;
}
// @ts-ignore: decorator
@inline
function blocksOf(scratch: usize, channels: i32): usize {
  return zerosOf(scratch) + floats(channels);
}

/** Addresses of the span x span pixels of a tile, which begins `margin` pixels before its outputs. */
function findPixels(x: usize, tile: i32, channels: i32, span: i32, margin: i32, pixels: usize, zeros: usize): void {
  const left = (tile % tilesAcross) * 4 - margin;
  const top = ((tile / tilesAcross) % tilesDown) * 4 - margin;
  const sample = tile / (tilesAcross * tilesDown);
  for (let h = top; h < top + span; h++) {
    for (let w = left; w < left + span; w++) {
      const inside = h >= 0 && h < height && w >= 0 && w < width;
      store<usize>(pixels, inside ? x + floats(((sample * height + h) * width + w) * channels) : zeros);
      pixels += sizeof<usize>();
    }
  }
}

// @ts-ignore: decorator
@inline
function times(value: v128, factor: f32): v128 {
  return f32x4.mul(value, f32x4.splat(factor));
}

// @ts-ignore: decorator
@inline
function plusTimes(value: v128, other: v128, factor: f32): v128 {
  return madd(other, f32x4.splat(factor), value);
}

// @ts-ignore: decorator
@inline
function minusTimes(value: v128, other: v128, factor: f32): v128 {
  return nmadd(other, f32x4.splat(factor), value);
}

/** What a point and its negative give: even + factor * odd, and even - factor * odd `step` bytes after it. */
// @ts-ignore: decorator
@inline
function storePair(even: v128, odd: v128, factor: f32, to: usize, step: usize): void {
  v128.store(to, plusTimes(even, odd, factor));
  v128.store(to + step, minusTimes(even, odd, factor));
}

// @ts-ignore: decorator
@inline
function pixel(pixels: usize, i: i32, c: usize): v128 {
  return v128.load(load<usize>(pixels + ((<usize>i) << 2)) + c);
}

/** B' d: one column or row of 6 values, to six places `step` bytes apart. */
// @ts-ignore: decorator
@inline
function transformInput(d0: v128, d1: v128, d2: v128, d3: v128, d4: v128, d5: v128, to: usize, step: usize): void {
  const even1 = minusTimes(d4, d2, bb), odd1 = minusTimes(d3, d1, bb);
  const even2 = minusTimes(d4, d2, aa), odd2 = minusTimes(d3, d1, aa);
  v128.store(to, minusTimes(even1, minusTimes(d2, d0, bb), aa));
  storePair(even1, odd1, a, to + step, step);
  storePair(even2, odd2, b, to + 3 * step, step);
  v128.store(to + 5 * step, minusTimes(minusTimes(d5, d3, bb), odd1, aa));
}

/** B' x B of 4 channels of the tile whose pixels were found. */
// @ts-ignore: decorator
@inline
function inputTile(pixels: usize, half: usize, c: usize, to: usize, place: usize): void {
  for (let w = 0; w < 6; w++) {
    transformInput(
      pixel(pixels, w, c), pixel(pixels, 6 + w, c), pixel(pixels, 12 + w, c),
      pixel(pixels, 18 + w, c), pixel(pixels, 24 + w, c), pixel(pixels, 30 + w, c),
      half + ((<usize>w) << 4), 96,
    );
  }
  for (let h = 0; h < 6; h++) {
    transformInput(
      v128.load(half), v128.load(half, 16), v128.load(half, 32),
      v128.load(half, 48), v128.load(half, 64), v128.load(half, 80), to, place,
    );
    half += 96;
    to += 6 * place;
  }
}

/** A' m: six sums to four outputs. */
// @ts-ignore: decorator
@inline
function transformOutput(m0: v128, m1: v128, m2: v128, m3: v128, m4: v128, m5: v128, to: usize, step: usize): void {
  const sum1 = f32x4.add(m1, m2), difference1 = times(f32x4.sub(m1, m2), a);
  const sum2 = f32x4.add(m3, m4), difference2 = times(f32x4.sub(m3, m4), b);
  v128.store(to, f32x4.add(m0, f32x4.add(sum1, sum2)));
  v128.store(to + step, f32x4.add(difference1, difference2));
  v128.store(to + 2 * step, plusTimes(times(sum1, aa), sum2, bb));
  v128.store(to + 3 * step, plusTimes(plusTimes(m5, difference1, aa), difference2, bb));
}

/** A' m A of 4 channels into y, as far as the tile lies inside of the image. */
// @ts-ignore: decorator
@inline
function outputTile(m: usize, place: usize, half: usize, y: usize, pixelBytes: usize, rows: i32, columns: i32): void {
  for (let w: usize = 0; w < 6; w++) {
    const at = m + w * place;
    transformOutput(
      v128.load(at), v128.load(at + 6 * place), v128.load(at + 12 * place),
      v128.load(at + 18 * place), v128.load(at + 24 * place), v128.load(at + 30 * place), half + (w << 4), 96,
    );
  }
  const out = half + 384;
  for (let h = 0; h < rows; h++) {
    transformOutput(
      v128.load(half), v128.load(half, 16), v128.load(half, 32),
      v128.load(half, 48), v128.load(half, 64), v128.load(half, 80), out, 16,
    );
    for (let w: usize = 0; w < <usize>columns; w++) v128.store(y + w * pixelBytes, v128.load(out + (w << 4)));
    half += 96;
    y += <usize>width * pixelBytes;
  }
}

// @ts-ignore: decorator
@inline
function timesDouble(value: v128, factor: f64): v128 {
  return f64x2.mul(value, f64x2.splat(factor));
}

/** G w of three values in double precision, to six places. */
// @ts-ignore: decorator
@inline
function transformFilter(w0: v128, w1: v128, w2: v128, to: usize, step: usize): void {
  const even1 = timesDouble(f64x2.add(w0, timesDouble(w2, aa)), weightA), odd1 = timesDouble(w1, <f64>a * weightA);
  const even2 = timesDouble(f64x2.add(w0, timesDouble(w2, bb)), weightB), odd2 = timesDouble(w1, <f64>b * weightB);
  v128.store(to, timesDouble(w0, 1 / <f64>product));
  v128.store(to + step, f64x2.add(even1, odd1));
  v128.store(to + 2 * step, f64x2.sub(even1, odd1));
  v128.store(to + 3 * step, f64x2.add(even2, odd2));
  v128.store(to + 4 * step, f64x2.sub(even2, odd2));
  v128.store(to + 5 * step, w2);
}

// @ts-ignore: decorator
@inline
function loadTwo(at: usize): v128 {
  return f64x2.promote_low_f32x4(v128.load64_zero(at));
}

/** G w G' for panel `task` of 8 output channels, into panels [place, outs / 8, ins, 8]; rounded once. */
export function winogradFilter(
  task: i32, thread: i32, filter: usize, panels: usize, ins: i32, outs: i32, scratch: usize, room: usize,
): void {
  const half = halfOf(scratch + <usize>thread * room);
  const row = half + 288;
  const matrix = floats(ins * outs);
  for (let i = 0; i < ins; i++) {
    for (let lane = 0; lane < 8; lane += 2) {
      const from = filter + floats(i * outs + 8 * task + lane);
      for (let w: usize = 0; w < 3; w++) {
        const at = from + w * matrix;
        transformFilter(loadTwo(at), loadTwo(at + 3 * matrix), loadTwo(at + 6 * matrix), half + (w << 4), 48);
      }
      let to = panels + floats((8 * task) * ins + 8 * i + lane);
      for (let h: usize = 0; h < 6; h++) {
        const at = half + 48 * h;
        transformFilter(v128.load(at), v128.load(at, 16), v128.load(at, 32), row, 16);
        for (let w: usize = 0; w < 6; w++) {
          v128.store64_lane(to, f32x4.demote_f64x2_zero(v128.load(row + (w << 4))), 0);
          to += matrix;
        }
      }
    }
  }
}

/** y of the tiles of block `task`. */
export function winogradConvolve(
  task: i32, thread: i32, x: usize, panels: usize, y: usize, batch: i32, imageHeight: i32, imageWidth: i32,
  ins: i32, outs: i32, tilesPerTask: i32, scratch: usize, room: usize,
): void {
  setImage(imageHeight, imageWidth);
  scratch += <usize>thread * room;
  const first = task * tilesPerTask;
  const count = min(tilesPerTask, batch * tilesDown * tilesAcross - first);
  const rows = (count + 3) & ~3;
  const xPlace = placeBytes(tilesPerTask * ins), yPlace = placeBytes(tilesPerTask * outs);
  const xTiles = blocksOf(scratch, max(ins, outs)), yTiles = xTiles + PLACES * xPlace;
  clearFloats(zerosOf(scratch), ins);
  for (let i = 0; i < rows; i++) {
    findPixels(x, first + min(i, count - 1), ins, 6, 1, pixelsOf(scratch), zerosOf(scratch));
    const to = xTiles + floats(i * ins);
    for (let c: usize = 0; c < floats(ins); c += 16) inputTile(pixelsOf(scratch), halfOf(scratch), c, to + c, xPlace);
  }
  for (let place: usize = 0; place < PLACES; place++) {
    multiply(
      xTiles + place * xPlace, floats(ins), 4, panels + place * floats(ins * outs),
      yTiles + place * yPlace, floats(outs), rows, outs, ins, false,
    );
  }
  for (let i = 0; i < count; i++) storeTile(first + i, yTiles + floats(i * outs), yPlace, y, outs, halfOf(scratch));
}

function storeTile(tile: i32, from: usize, place: usize, y: usize, channels: i32, half: usize): void {
  const left = (tile % tilesAcross) * 4;
  const top = ((tile / tilesAcross) % tilesDown) * 4;
  const sample = tile / (tilesAcross * tilesDown);
  const to = y + floats(((sample * height + top) * width + left) * channels);
  const rows = min(4, height - top), columns = min(4, width - left);
  for (let c: usize = 0; c < floats(channels); c += 16) {
    outputTile(from + c, place, half, to + c, floats(channels), rows, columns);
  }
}

/** A dy of four values, to six places. */
// @ts-ignore: decorator
@inline
function transformGradient(y0: v128, y1: v128, y2: v128, y3: v128, to: usize, step: usize): void {
  v128.store(to, y0);
  storePair(plusTimes(y0, y2, aa), plusTimes(y1, y3, aa), a, to + step, step);
  storePair(plusTimes(y0, y2, bb), plusTimes(y1, y3, bb), b, to + 3 * step, step);
  v128.store(to + 5 * step, y3);
}

/** A dy A' of 4 channels. */
// @ts-ignore: decorator
@inline
function gradientTile(pixels: usize, half: usize, c: usize, to: usize, place: usize): void {
  for (let w = 0; w < 4; w++) {
    transformGradient(
      pixel(pixels, w, c), pixel(pixels, 4 + w, c), pixel(pixels, 8 + w, c), pixel(pixels, 12 + w, c),
      half + ((<usize>w) << 4), 64,
    );
  }
  for (let h = 0; h < 6; h++) {
    transformGradient(v128.load(half), v128.load(half, 16), v128.load(half, 32), v128.load(half, 48), to, place);
    half += 64;
    to += 6 * place;
  }
}

/**
 * Share `task` of the transformed filter gradient: of one of `shares` stretches of the tiles, and of
 * outsPerTask of the output channels, into partial[share, place, ins, outs].
 */
export function winogradFilterGradient(
  task: i32, thread: i32, x: usize, dy: usize, partial: usize, batch: i32, imageHeight: i32, imageWidth: i32,
  ins: i32, outs: i32, shares: i32, outsPerTask: i32, tilesPerBlock: i32, scratch: usize, room: usize,
): void {
  setImage(imageHeight, imageWidth);
  scratch += <usize>thread * room;
  const share = task % shares;
  const firstOut = (task / shares) * outsPerTask;
  const columns = min(outsPerTask, outs - firstOut);
  const xPlace = placeBytes(tilesPerBlock * ins), yPlace = placeBytes(tilesPerBlock * columns);
  const xTiles = blocksOf(scratch, max(ins, outs)), yTiles = xTiles + PLACES * xPlace;
  const pixels = pixelsOf(scratch), half = halfOf(scratch), zeros = zerosOf(scratch);
  const to = partial + floats(share * <i32>PLACES * ins * outs + firstOut);
  clearFloats(zeros, max(ins, outs));
  const tiles = batch * tilesDown * tilesAcross;
  const perShare = (tiles + shares - 1) / shares;
  const start = share * perShare, end = min(tiles, start + perShare);
  for (let first = start; first < end || first == start; first += tilesPerBlock) {
    const count = max(0, min(tilesPerBlock, end - first));
    for (let i = 0; i < count; i++) {
      findPixels(x, first + i, ins, 6, 1, pixels, zeros);
      const xTo = xTiles + floats(i * ins);
      for (let c: usize = 0; c < floats(ins); c += 16) inputTile(pixels, half, c, xTo + c, xPlace);
      findPixels(dy, first + i, outs, 4, 0, pixels, zeros);
      for (let c = 0; c < columns; c += 4) {
        const yTo = yTiles + floats((c & ~7) * count + 8 * i + (c & 4));
        gradientTile(pixels, half, floats(firstOut + c), yTo, yPlace);
      }
    }
    for (let place: usize = 0; place < PLACES; place++) {
      multiply(
        xTiles + place * xPlace, 4, floats(ins), yTiles + place * yPlace,
        to + place * floats(ins * outs), floats(outs), ins, columns, count, first > start,
      );
    }
  }
}

/** G' m of six values, to three. */
// @ts-ignore: decorator
@inline
function transformBack(m0: v128, m1: v128, m2: v128, m3: v128, m4: v128, m5: v128, to: usize, step: usize): void {
  const sum1 = times(f32x4.add(m1, m2), <f32>weightA), difference1 = times(f32x4.sub(m1, m2), <f32>(<f64>a * weightA));
  const sum2 = times(f32x4.add(m3, m4), <f32>weightB), difference2 = times(f32x4.sub(m3, m4), <f32>(<f64>b * weightB));
  v128.store(to, plusTimes(f32x4.add(sum1, sum2), m0, <f32>(1 / <f64>product)));
  v128.store(to + step, f32x4.add(difference1, difference2));
  v128.store(to + 2 * step, plusTimes(plusTimes(m5, sum1, aa), sum2, bb));
}

/** Row `task` of the input channels of dw [3, 3, ins, outs], from the sum of the shares. */
export function winogradAddShares(
  task: i32, thread: i32, partial: usize, dw: usize, ins: i32, outs: i32, shares: i32, scratch: usize, room: usize,
): void {
  const half = halfOf(scratch + <usize>thread * room);
  const matrix = floats(ins * outs);
  for (let c = 0; c < outs; c += 4) {
    const at = floats(task * outs + c);
    for (let w: usize = 0; w < 6; w++) {
      const from = partial + at + w * matrix;
      transformBack(
        sumOf(from, matrix, shares), sumOf(from + 6 * matrix, matrix, shares), sumOf(from + 12 * matrix, matrix, shares),
        sumOf(from + 18 * matrix, matrix, shares), sumOf(from + 24 * matrix, matrix, shares),
        sumOf(from + 30 * matrix, matrix, shares), half + (w << 4), 96,
      );
    }
    for (let h: usize = 0; h < 3; h++) {
      const from = half + 96 * h;
      transformBack(
        v128.load(from), v128.load(from, 16), v128.load(from, 32),
        v128.load(from, 48), v128.load(from, 64), v128.load(from, 80), dw + at + 3 * h * matrix, matrix,
      );
    }
  }
}

// @ts-ignore: decorator
@inline
function sumOf(at: usize, matrix: usize, shares: i32): v128 {
  let sum = v128.load(at);
  for (let share = 1; share < shares; share++) {
    at += PLACES * matrix;
    sum = f32x4.add(sum, v128.load(at));
  }
  return sum;
}
