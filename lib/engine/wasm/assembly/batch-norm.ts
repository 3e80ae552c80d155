// Batch normalisation over [batch, positions, channels] in the groups of the batch (see BatchGroups).
// Statistics are summed per sample in float32 and over samples in float64.

/** Group of a sample: its view, and its place in the view modulo the splits. */
// @ts-ignore: decorator
@inline
function groupOf(sample: i32, perView: i32, splits: i32): i32 {
  return (sample / perView) * splits + (sample % perView) % splits;
}

/** Adds up, for one sample, the values of every channel into sums (f64). */
function addSums(x: usize, positions: i32, channels: i32, sums: usize): void {
  let c = 0;
  for (; c + 4 <= channels; c += 4) {
    let sum = f32x4.splat(0);
    let at = x + ((<usize>c) << 2);
    for (let p = 0; p < positions; p++) {
      sum = f32x4.add(sum, v128.load(at));
      at += (<usize>channels) << 2;
    }
    addLanes(sums + ((<usize>c) << 3), sum);
  }
  for (; c < channels; c++) {
    let sum: f32 = 0;
    for (let p = 0; p < positions; p++) sum += load<f32>(x + ((<usize>(p * channels + c)) << 2));
    const to = sums + ((<usize>c) << 3);
    store<f64>(to, load<f64>(to) + <f64>sum);
  }
}

// @ts-ignore: decorator
@inline
function addLanes(to: usize, sum: v128): void {
  v128.store(to, f64x2.add(v128.load(to), f64x2.promote_low_f32x4(sum)));
  const high = v128.shuffle<f32>(sum, sum, 2, 3, 2, 3);
  v128.store(to, f64x2.add(v128.load(to, 16), f64x2.promote_low_f32x4(high)), 16);
}

/** Adds up, for one sample, the squared distances of every channel from the mean into sums (f64). */
function addSquares(x: usize, mean: usize, positions: i32, channels: i32, sums: usize): void {
  let c = 0;
  for (; c + 4 <= channels; c += 4) {
    const centre = v128.load(mean + ((<usize>c) << 2));
    let sum = f32x4.splat(0);
    let at = x + ((<usize>c) << 2);
    for (let p = 0; p < positions; p++) {
      const d = f32x4.sub(v128.load(at), centre);
      sum = f32x4.add(sum, f32x4.mul(d, d));
      at += (<usize>channels) << 2;
    }
    addLanes(sums + ((<usize>c) << 3), sum);
  }
  for (; c < channels; c++) {
    const centre = load<f32>(mean + ((<usize>c) << 2));
    let sum: f32 = 0;
    for (let p = 0; p < positions; p++) {
      const d = load<f32>(x + ((<usize>(p * channels + c)) << 2)) - centre;
      sum += d * d;
    }
    const to = sums + ((<usize>c) << 3);
    store<f64>(to, load<f64>(to) + <f64>sum);
  }
}

/** means[group, channel] = sums / count. */
function storeMeans(sums: usize, to: usize, length: i32, count: i32): void {
  for (let i = 0; i < length; i++) {
    store<f32>(to + ((<usize>i) << 2), <f32>(load<f64>(sums + ((<usize>i) << 3)) / <f64>count));
  }
}

/**
 * y = (x - mean) * factor + shift (+ residual), clipped at 0 where relu is set, for one sample; mean, factor
 * and shift are [channels]. The mean comes off first: taken into the shift, it would cost the result as many
 * digits as it is larger than the deviation.
 */
function scaleAndShift(
  x: usize,
  y: usize,
  residual: usize,
  mean: usize,
  factor: usize,
  shift: usize,
  positions: i32,
  channels: i32,
  relu: bool,
): void {
  const floor = relu ? f32x4.splat(0) : f32x4.splat(-Infinity);
  const lowest: f32 = relu ? 0 : -Infinity;
  const row = (<usize>channels) << 2;
  for (let p = 0; p < positions; p++) {
    let c: usize = 0;
    for (; c + 16 <= row; c += 16) {
      const centred = f32x4.sub(v128.load(x + c), v128.load(mean + c));
      let value = f32x4.add(f32x4.mul(centred, v128.load(factor + c)), v128.load(shift + c));
      if (residual) value = f32x4.add(value, v128.load(residual + c));
      v128.store(y + c, f32x4.max(value, floor));
    }
    for (; c < row; c += 4) {
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
function prepare(
  variance: usize,
  scale: usize,
  offset: usize,
  channels: i32,
  epsilon: f64,
  factor: usize,
  shift: usize,
): void {
  for (let c: usize = 0; c < (<usize>channels) << 2; c += 4) {
    let f = 1 / sqrt(<f64>load<f32>(variance + c) + epsilon);
    if (scale) f *= <f64>load<f32>(scale + c);
    store<f32>(factor + c, <f32>f);
    store<f32>(shift + c, offset ? load<f32>(offset + c) : 0);
  }
}

/**
 * Normalises a batch with its own statistics. mean and variance [groups, channels] are written; scratch
 * holds 8 bytes for every group and channel.
 */
export function batchNorm(
  x: usize,
  y: usize,
  residual: usize,
  scale: usize,
  offset: usize,
  mean: usize,
  variance: usize,
  scratch: usize,
  batch: i32,
  positions: i32,
  channels: i32,
  views: i32,
  splits: i32,
  epsilon: f64,
  relu: bool,
): void {
  const perView = batch / views;
  const length = views * splits * channels;
  const count = (perView / splits) * positions;
  const size = (<usize>(positions * channels)) << 2;
  memory.fill(scratch, 0, (<usize>length) << 3);
  for (let i = 0; i < batch; i++) {
    const group = <usize>(groupOf(i, perView, splits) * channels);
    addSums(x + (<usize>i) * size, positions, channels, scratch + (group << 3));
  }
  storeMeans(scratch, mean, length, count);
  memory.fill(scratch, 0, (<usize>length) << 3);
  for (let i = 0; i < batch; i++) {
    const group = <usize>(groupOf(i, perView, splits) * channels);
    addSquares(x + (<usize>i) * size, mean + (group << 2), positions, channels, scratch + (group << 3));
  }
  storeMeans(scratch, variance, length, count);
  // The sums are done with: their room holds factor and shift now.
  const factor = scratch;
  const shift = scratch + ((<usize>length) << 2);
  for (let g: usize = 0; g < (<usize>length) << 2; g += (<usize>channels) << 2) {
    prepare(variance + g, scale, offset, channels, epsilon, factor + g, shift + g);
  }
  for (let i = 0; i < batch; i++) {
    const at = (<usize>i) * size;
    const group = (<usize>(groupOf(i, perView, splits) * channels)) << 2;
    const added = residual ? residual + at : 0;
    scaleAndShift(
      x + at, y + at, added, mean + group, factor + group, shift + group, positions, channels, relu,
    );
  }
}

/** Normalises with given statistics [channels]; scratch holds 8 bytes for every channel. */
export function batchNormInference(
  x: usize,
  y: usize,
  residual: usize,
  scale: usize,
  offset: usize,
  mean: usize,
  variance: usize,
  scratch: usize,
  rows: i32,
  channels: i32,
  epsilon: f64,
  relu: bool,
): void {
  const shift = scratch + ((<usize>channels) << 2);
  prepare(variance, scale, offset, channels, epsilon, scratch, shift);
  scaleAndShift(x, y, residual, mean, scratch, shift, rows, channels, relu);
}

/** masked = dy where y > 0, else 0; y = 0 stands for no mask. */
// @ts-ignore: decorator
@inline
function maskedAt(dy: usize, y: usize): v128 {
  const g = v128.load(dy);
  return y ? v128.and(g, f32x4.gt(v128.load(y), f32x4.splat(0))) : g;
}

/** Adds up, for one sample and channel, g and g * (x - mean) into sumG and sumGX (f64). */
function addGradientSums(
  dy: usize,
  x: usize,
  y: usize,
  mean: usize,
  positions: i32,
  channels: i32,
  sumG: usize,
  sumGX: usize,
): void {
  const row = (<usize>channels) << 2;
  let c: usize = 0;
  for (; c + 16 <= row; c += 16) {
    const centre = v128.load(mean + c);
    let g = f32x4.splat(0);
    let gx = f32x4.splat(0);
    let at = c;
    for (let p = 0; p < positions; p++) {
      const value = maskedAt(dy + at, y ? y + at : 0);
      g = f32x4.add(g, value);
      gx = f32x4.add(gx, f32x4.mul(value, f32x4.sub(v128.load(x + at), centre)));
      at += row;
    }
    addLanes(sumG + (c << 1), g);
    addLanes(sumGX + (c << 1), gx);
  }
  for (; c < row; c += 4) {
    const centre = load<f32>(mean + c);
    let g: f64 = 0;
    let gx: f64 = 0;
    let at = c;
    for (let p = 0; p < positions; p++) {
      if (!y || load<f32>(y + at) > 0) {
        const value = load<f32>(dy + at);
        g += <f64>value;
        gx += <f64>(value * (load<f32>(x + at) - centre));
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
  positions: i32,
  channels: i32,
): void {
  const row = (<usize>channels) << 2;
  let at: usize = 0;
  for (let p = 0; p < positions; p++) {
    let i: usize = 0;
    for (; i + 16 <= row; i += 16) {
      const g = maskedAt(dy + at, y ? y + at : 0);
      if (dResidual) v128.store(dResidual + at, g);
      const centred = f32x4.sub(v128.load(x + at), v128.load(mean + i));
      const linear = f32x4.add(f32x4.mul(v128.load(b + i), centred), v128.load(c + i));
      v128.store(dx + at, f32x4.add(f32x4.mul(v128.load(a + i), g), linear));
      at += 16;
    }
    for (; i < row; i += 4) {
      const g: f32 = !y || load<f32>(y + at) > 0 ? load<f32>(dy + at) : 0;
      if (dResidual) store<f32>(dResidual + at, g);
      const linear = load<f32>(b + i) * (load<f32>(x + at) - load<f32>(mean + i)) + load<f32>(c + i);
      store<f32>(dx + at, load<f32>(a + i) * g + linear);
      at += 4;
    }
  }
}

/**
 * Gradients of batchNorm. dScale and dOffset [channels] are always written; y and dResidual may be 0.
 * scratch holds 28 bytes for every group and channel.
 */
export function batchNormGradient(
  dy: usize,
  x: usize,
  y: usize,
  scale: usize,
  mean: usize,
  variance: usize,
  dx: usize,
  dScale: usize,
  dOffset: usize,
  dResidual: usize,
  scratch: usize,
  batch: i32,
  positions: i32,
  channels: i32,
  views: i32,
  splits: i32,
  epsilon: f64,
): void {
  const perView = batch / views;
  const groups = views * splits;
  const length = <usize>(groups * channels);
  const count = <f64>((perView / splits) * positions);
  const size = (<usize>(positions * channels)) << 2;
  const sumG = scratch;
  const sumGX = scratch + (length << 3);
  const a = scratch + (length << 4);
  const b = a + (length << 2);
  const c = b + (length << 2);
  memory.fill(scratch, 0, length << 4);
  for (let i = 0; i < batch; i++) {
    const group = <usize>(groupOf(i, perView, splits) * channels);
    const at = (<usize>i) * size;
    addGradientSums(
      dy + at, x + at, y ? y + at : 0, mean + (group << 2), positions, channels,
      sumG + (group << 3), sumGX + (group << 3),
    );
  }
  for (let channel: usize = 0; channel < <usize>channels; channel++) {
    let scaleSum: f64 = 0;
    let offsetSum: f64 = 0;
    for (let g = 0; g < groups; g++) {
      const i = <usize>(g * channels) + channel;
      const inverse = 1 / sqrt(<f64>load<f32>(variance + (i << 2)) + epsilon);
      const factor = scale ? inverse * <f64>load<f32>(scale + (channel << 2)) : inverse;
      const g0 = load<f64>(sumG + (i << 3));
      const gx = load<f64>(sumGX + (i << 3)) * inverse;
      scaleSum += gx;
      offsetSum += g0;
      // dx = factor * (g - mean(g) - normalised * mean(g * normalised))
      const slope = (-factor * inverse * gx) / count;
      store<f32>(a + (i << 2), <f32>factor);
      store<f32>(b + (i << 2), <f32>slope);
      store<f32>(c + (i << 2), <f32>((-factor * g0) / count));
    }
    store<f32>(dScale + (channel << 2), <f32>scaleSum);
    store<f32>(dOffset + (channel << 2), <f32>offsetSum);
  }
  for (let i = 0; i < batch; i++) {
    const group = (<usize>(groupOf(i, perView, splits) * channels)) << 2;
    const at = (<usize>i) * size;
    combine(
      dy + at, x + at, y ? y + at : 0, dx + at, dResidual ? dResidual + at : 0,
      mean + group, a + group, b + group, c + group, positions, channels,
    );
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
