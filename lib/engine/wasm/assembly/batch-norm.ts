// Batch normalization over [batch, positions, channels] in the groups of the batch (see BatchGroups). A task
// is one group and up to CHUNK channels of it. Statistics are summed in float64, over CHAIN positions at a time in
// float32: an error of theirs is the same for all values of a channel and does not average out.
import { madd } from './lanes';
import { clearFloats, floats } from './memory';

const CHUNK: i32 = 64;
/** Values that are summed in float32 before the sum joins the others in float64. */
const CHAIN: i32 = 32;

let positions: i32 = 0;
let channels: i32 = 0;
/** The samples of the task's group: the first, one past the last, and the distance of two. */
let firstSample: i32 = 0;
let endSample: i32 = 0;
let sampleStep: i32 = 0;
let group: i32 = 0;
/** The task's channels. */
let firstChannel: i32 = 0;
let count: i32 = 0;

export function batchNormTasks(channels: i32, groups: i32): i32 {
  return groups * ((channels + CHUNK - 1) / CHUNK);
}

function setTask(task: i32, batch: i32, perSample: i32, perPosition: i32, views: i32, splits: i32): void {
  positions = perSample;
  channels = perPosition;
  group = task % (views * splits);
  firstChannel = task / (views * splits) * CHUNK;
  count = min(CHUNK, channels - firstChannel);
  const perView = batch / views;
  firstSample = group / splits * perView + group % splits;
  endSample = (group / splits + 1) * perView;
  sampleStep = splits;
}

/** Where the task's channels of a sample begin in an array [batch, positions, channels]; 0 for no array. */
// @ts-ignore: decorator
@inline
function sampleAt(array: usize, sample: i32): usize {
  return array ? array + floats(sample * positions * channels + firstChannel) : 0;
}

/** Where the task's channels begin in an array [groups, channels]. */
// @ts-ignore: decorator
@inline
function groupAt(array: usize): usize {
  return array + floats(group * channels + firstChannel);
}

// @ts-ignore: decorator
@inline
function valuesPerGroup(batch: i32, views: i32, splits: i32): f64 {
  return <f64>(batch / views / splits * positions);
}

/** Adds up, for one sample, the values of every channel of the task into sums (f64). */
function addSums(x: usize, sums: usize): void {
  let c = 0;
  for (; c + 4 <= count; c += 4) {
    let at = x + floats(c);
    for (let left = positions; left > 0; left -= CHAIN) {
      let sum = f32x4.splat(0);
      for (let p = min(left, CHAIN); p > 0; p--) {
        sum = f32x4.add(sum, v128.load(at));
        at += floats(channels);
      }
      addLanes(sums + ((<usize>c) << 3), sum);
    }
  }
  for (; c < count; c++) {
    let sum: f64 = 0;
    for (let p = 0; p < positions; p++) sum += <f64>load<f32>(x + floats(p * channels + c));
    const to = sums + ((<usize>c) << 3);
    store<f64>(to, load<f64>(to) + sum);
  }
}

// @ts-ignore: decorator
@inline
function addLanes(to: usize, sum: v128): void {
  v128.store(to, f64x2.add(v128.load(to), f64x2.promote_low_f32x4(sum)));
  const high = v128.shuffle<f32>(sum, sum, 2, 3, 2, 3);
  v128.store(to, f64x2.add(v128.load(to, 16), f64x2.promote_low_f32x4(high)), 16);
}

/** Adds up, for one sample, the squared distances of every channel of the task from the mean into sums (f64). */
function addSquares(x: usize, mean: usize, sums: usize): void {
  let c = 0;
  for (; c + 4 <= count; c += 4) {
    const center = v128.load(mean + floats(c));
    let at = x + floats(c);
    for (let left = positions; left > 0; left -= CHAIN) {
      let sum = f32x4.splat(0);
      for (let p = min(left, CHAIN); p > 0; p--) {
        const d = f32x4.sub(v128.load(at), center);
        sum = madd(d, d, sum);
        at += floats(channels);
      }
      addLanes(sums + ((<usize>c) << 3), sum);
    }
  }
  for (; c < count; c++) {
    const center = load<f32>(mean + floats(c));
    let sum: f64 = 0;
    for (let p = 0; p < positions; p++) {
      const d = <f64>(load<f32>(x + floats(p * channels + c)) - center);
      sum += d * d;
    }
    const to = sums + ((<usize>c) << 3);
    store<f64>(to, load<f64>(to) + sum);
  }
}

/** to[channel] = sums / size. */
function storeMeans(sums: usize, to: usize, size: f64): void {
  for (let i = 0; i < count; i++) store<f32>(to + floats(i), <f32>(load<f64>(sums + ((<usize>i) << 3)) / size));
}

/**
 * y = (x - mean) * factor + shift (+ residual), clipped at 0 where relu is set, for the task's channels of the
 * given rows; mean, factor and shift are [channels]. The mean comes off first: taken into the shift, it would
 * cost the result as many digits as it is larger than the deviation.
 */
function scaleAndShift(
  x: usize,
  y: usize,
  residual: usize,
  mean: usize,
  factor: usize,
  shift: usize,
  rows: i32,
  relu: bool,
): void {
  const floor = relu ? f32x4.splat(0) : f32x4.splat(-Infinity);
  const lowest: f32 = relu ? 0 : -Infinity;
  const end = floats(count);
  const row = floats(channels);
  for (let p = 0; p < rows; p++) {
    let c: usize = 0;
    for (; c + 16 <= end; c += 16) {
      const centered = f32x4.sub(v128.load(x + c), v128.load(mean + c));
      let value = madd(centered, v128.load(factor + c), v128.load(shift + c));
      if (residual) value = f32x4.add(value, v128.load(residual + c));
      v128.store(y + c, f32x4.max(value, floor));
    }
    for (; c < end; c += 4) {
      let value = (load<f32>(x + c) - load<f32>(mean + c)) * load<f32>(factor + c) + load<f32>(shift + c);
      if (residual) value += load<f32>(residual + c);
      store<f32>(y + c, max(value, lowest));
    }
    x += row;
    y += row;
    if (residual) residual += row;
  }
}

/** factor = scale / sqrt(variance + epsilon), shift = offset; scale and offset may be 0. */
function prepare(variance: usize, scale: usize, offset: usize, epsilon: f64, factor: usize, shift: usize): void {
  for (let c: usize = 0; c < floats(count); c += 4) {
    let f = 1 / sqrt(<f64>load<f32>(variance + c) + epsilon);
    if (scale) f *= <f64>load<f32>(scale + c);
    store<f32>(factor + c, <f32>f);
    store<f32>(shift + c, offset ? load<f32>(offset + c) : 0);
  }
}

/** Where the task's channels begin in an array [channels]; 0 for no array. */
// @ts-ignore: decorator
@inline
function channelAt(array: usize): usize {
  return array ? array + floats(firstChannel) : 0;
}

/** Normalizes a group with its own statistics. mean and variance [groups, channels] are written. */
export function batchNorm(
  task: i32, thread: i32, x: usize, y: usize, residual: usize, scale: usize, offset: usize, mean: usize,
  variance: usize, batch: i32, perSample: i32, perPosition: i32, views: i32, splits: i32, epsilon: f64, relu: bool,
  scratch: usize, room: usize,
): void {
  setTask(task, batch, perSample, perPosition, views, splits);
  scratch += <usize>thread * room;
  mean = groupAt(mean);
  variance = groupAt(variance);
  const size = valuesPerGroup(batch, views, splits);
  clearFloats(scratch, 2 * CHUNK);
  for (let i = firstSample; i < endSample; i += sampleStep) addSums(sampleAt(x, i), scratch);
  storeMeans(scratch, mean, size);
  clearFloats(scratch, 2 * CHUNK);
  for (let i = firstSample; i < endSample; i += sampleStep) addSquares(sampleAt(x, i), mean, scratch);
  storeMeans(scratch, variance, size);
  // The sums are done with: their room holds factor and shift now.
  const shift = scratch + floats(CHUNK);
  prepare(variance, channelAt(scale), channelAt(offset), epsilon, scratch, shift);
  for (let i = firstSample; i < endSample; i += sampleStep) {
    scaleAndShift(sampleAt(x, i), sampleAt(y, i), sampleAt(residual, i), mean, scratch, shift, positions, relu);
  }
}

/** Normalizes sample `task` of [batch, positions, channels] with given statistics [channels]. */
export function batchNormInference(
  task: i32, thread: i32, x: usize, y: usize, residual: usize, scale: usize, offset: usize, mean: usize,
  variance: usize, perSample: i32, perPosition: i32, epsilon: f64, relu: bool, scratch: usize, room: usize,
): void {
  positions = perSample;
  channels = perPosition;
  const factor = scratch + <usize>thread * room;
  const shift = factor + floats(CHUNK);
  for (firstChannel = 0; firstChannel < channels; firstChannel += CHUNK) {
    count = min(CHUNK, channels - firstChannel);
    prepare(channelAt(variance), channelAt(scale), channelAt(offset), epsilon, factor, shift);
    scaleAndShift(
      sampleAt(x, task), sampleAt(y, task), sampleAt(residual, task), channelAt(mean), factor, shift, positions, relu,
    );
  }
}

/** masked = dy where y > 0, else 0; y = 0 stands for no mask. */
// @ts-ignore: decorator
@inline
function maskedAt(dy: usize, y: usize): v128 {
  const g = v128.load(dy);
  return y ? v128.and(g, f32x4.gt(v128.load(y), f32x4.splat(0))) : g;
}

/** Adds up, for one sample and channel, g and g * (x - mean) into sumG and sumGX (f64). */
function addGradientSums(dy: usize, x: usize, y: usize, mean: usize, sumG: usize, sumGX: usize): void {
  const row = floats(channels);
  const end = floats(count);
  let c: usize = 0;
  for (; c + 16 <= end; c += 16) {
    const center = v128.load(mean + c);
    let at = c;
    for (let left = positions; left > 0; left -= CHAIN) {
      let g = f32x4.splat(0);
      let gx = f32x4.splat(0);
      for (let p = min(left, CHAIN); p > 0; p--) {
        const value = maskedAt(dy + at, y ? y + at : 0);
        g = f32x4.add(g, value);
        gx = madd(value, f32x4.sub(v128.load(x + at), center), gx);
        at += row;
      }
      addLanes(sumG + (c << 1), g);
      addLanes(sumGX + (c << 1), gx);
    }
  }
  for (; c < end; c += 4) {
    const center = load<f32>(mean + c);
    let g: f64 = 0;
    let gx: f64 = 0;
    let at = c;
    for (let p = 0; p < positions; p++) {
      if (!y || load<f32>(y + at) > 0) {
        const value = load<f32>(dy + at);
        g += <f64>value;
        gx += <f64>(value * (load<f32>(x + at) - center));
      }
      at += row;
    }
    store<f64>(sumG + (c << 1), load<f64>(sumG + (c << 1)) + g);
    store<f64>(sumGX + (c << 1), load<f64>(sumGX + (c << 1)) + gx);
  }
}

/**
 * dx = a * g + b * (x - mean) + c for one sample, g being the masked dy; it goes to dResidual where that is
 * given.
 */
function combine(
  dy: usize,
  x: usize,
  y: usize,
  dx: usize,
  dResidual: usize,
  mean: usize,
  a: usize,
  b: usize,
  c: usize,
): void {
  const row = floats(channels);
  const end = floats(count);
  for (let p = 0; p < positions; p++) {
    const start = <usize>p * row;
    let i: usize = 0;
    for (; i + 16 <= end; i += 16) {
      const at = start + i;
      const g = maskedAt(dy + at, y ? y + at : 0);
      if (dResidual) v128.store(dResidual + at, g);
      const centered = f32x4.sub(v128.load(x + at), v128.load(mean + i));
      const linear = madd(v128.load(b + i), centered, v128.load(c + i));
      v128.store(dx + at, madd(v128.load(a + i), g, linear));
    }
    for (; i < end; i += 4) {
      const at = start + i;
      const g: f32 = !y || load<f32>(y + at) > 0 ? load<f32>(dy + at) : 0;
      if (dResidual) store<f32>(dResidual + at, g);
      const linear = load<f32>(b + i) * (load<f32>(x + at) - load<f32>(mean + i)) + load<f32>(c + i);
      store<f32>(dx + at, load<f32>(a + i) * g + linear);
    }
  }
}

/**
 * dx of batchNorm, and each group's share of the gradients of scale and offset, into scaleShares and
 * offsetShares [groups, channels] (f64). y and dResidual may be 0.
 */
export function batchNormGradient(
  task: i32, thread: i32, dy: usize, x: usize, y: usize, scale: usize, mean: usize, variance: usize, dx: usize,
  dResidual: usize, scaleShares: usize, offsetShares: usize, batch: i32, perSample: i32, perPosition: i32,
  views: i32, splits: i32, epsilon: f64, scratch: usize, room: usize,
): void {
  setTask(task, batch, perSample, perPosition, views, splits);
  mean = groupAt(mean);
  const shares = <usize>(group * channels + firstChannel) << 3;
  const sumG = offsetShares + shares;
  const sumGX = scaleShares + shares;
  clearFloats(sumG, 2 * count);
  clearFloats(sumGX, 2 * count);
  for (let i = firstSample; i < endSample; i += sampleStep) {
    addGradientSums(sampleAt(dy, i), sampleAt(x, i), sampleAt(y, i), mean, sumG, sumGX);
  }
  const a = scratch + <usize>thread * room;
  const b = a + floats(CHUNK);
  const c = b + floats(CHUNK);
  const size = valuesPerGroup(batch, views, splits);
  for (let channel = 0; channel < count; channel++) {
    const at = floats(channel);
    const inverse = 1 / sqrt(<f64>load<f32>(groupAt(variance) + at) + epsilon);
    const factor = scale ? inverse * <f64>load<f32>(channelAt(scale) + at) : inverse;
    const gx = load<f64>(sumGX + (at << 1)) * inverse;
    store<f64>(sumGX + (at << 1), gx);
    // dx = factor * (g - mean(g) - normalized * mean(g * normalized))
    store<f32>(a + at, <f32>factor);
    store<f32>(b + at, <f32>((-factor * inverse * gx) / size));
    store<f32>(c + at, <f32>((-factor * load<f64>(sumG + (at << 1))) / size));
  }
  for (let i = firstSample; i < endSample; i += sampleStep) {
    combine(sampleAt(dy, i), sampleAt(x, i), sampleAt(y, i), sampleAt(dx, i), sampleAt(dResidual, i), mean, a, b, c);
  }
}

/** sums[channel] = the sum over groups of shares[group, channel] (f64). */
export function addGroups(shares: usize, sums: usize, length: i32, groups: i32): void {
  for (let c = 0; c < length; c++) {
    let sum: f64 = 0;
    for (let g = 0; g < groups; g++) sum += load<f64>(shares + ((<usize>(g * length + c)) << 3));
    store<f32>(sums + floats(c), <f32>sum);
  }
}

/** Moves running[channel] by statistics[group, channel], in place; see `moveRunningStatistics`. */
export function moveRunning(
  running: usize,
  statistic: usize,
  channels: i32,
  views: i32,
  splits: i32,
  momentum: f64,
  factor: f64,
): void {
  for (let c = 0; c < channels; c++) {
    const to = running + ((<usize>c) << 2);
    let value = <f64>load<f32>(to);
    for (let view = 0; view < views; view++) {
      let sum: f64 = 0;
      for (let split = 0; split < splits; split++) {
        sum += <f64>load<f32>(statistic + ((<usize>((view * splits + split) * channels + c)) << 2));
      }
      value = (1 - momentum) * value + (momentum * factor * sum) / <f64>splits;
    }
    store<f32>(to, <f32>value);
  }
}
