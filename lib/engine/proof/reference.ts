/** Values with a shape, in double precision: what the engines are compared with. */
export interface Values {
  shape: number[];
  data: Float64Array;
}

export function zeros(shape: number[]): Values {
  return { shape, data: new Float64Array(shape.reduce((size, length) => size * length, 1)) };
}

/** Values between -1 and 1 that float32 holds exactly; the same for the same seed. */
export function randomValues(shape: number[], seed: number): Values {
  const values = zeros(shape);
  let state = (seed * 2654435761 + 1) >>> 0;
  for (let i = 0; i < values.data.length; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    values.data[i] = Math.fround(state / 2 ** 31);
  }
  return values;
}

/** Applies a function to every value, or to the values of two at the same place. */
export function map(a: Values, of: (value: number, other: number, index: number) => number, b = a): Values {
  return { shape: a.shape, data: a.data.map((value, i) => of(value, b.data[i], i)) };
}

/** How an image is cut into patches: the filter's height and width, stride, and rows and columns of padding before. */
export interface Window {
  size: [height: number, width: number];
  stride: number;
  padding: [top: number, left: number];
}

/** Calls `visit` for every pixel [batch, y, x] of the output, place in the window, and pixel of the input below it. */
function eachTap(
  [batch, height, width]: number[],
  [, rows, columns]: number[],
  { size, stride, padding }: Window,
  visit: (inputPixel: number, tap: number, outputPixel: number) => void,
): void {
  for (let n = 0; n < batch; n++)
    for (let row = 0; row < rows; row++)
      for (let column = 0; column < columns; column++)
        for (let tap = 0; tap < size[0] * size[1]; tap++) {
          const y = row * stride - padding[0] + Math.floor(tap / size[1]);
          const x = column * stride - padding[1] + (tap % size[1]);
          if (y < 0 || y >= height || x < 0 || x >= width) continue;
          visit((n * height + y) * width + x, tap, (n * rows + row) * columns + column);
        }
}

/**
 * A convolution of x [batch, height, width, in] with a filter [height, width, in, out], and its gradients by both
 * when the output's gradient is dy [batch, rows, columns, out].
 */
export function convolution(x: Values, filter: Values, dy: Values, window: Window) {
  const [ins, outs] = filter.shape.slice(2);
  const [y, dx, dFilter] = [zeros(dy.shape), zeros(x.shape), zeros(filter.shape)];
  eachTap(x.shape, dy.shape, window, (inputPixel, tap, outputPixel) => {
    const [from, weights, to] = [inputPixel * ins, tap * ins * outs, outputPixel * outs];
    for (let i = 0; i < ins; i++) {
      const value = x.data[from + i];
      let sum = 0;
      for (let o = 0; o < outs; o++) {
        const weight = weights + i * outs + o;
        const gradient = dy.data[to + o];
        y.data[to + o] += value * filter.data[weight];
        sum += gradient * filter.data[weight];
        dFilter.data[weight] += value * gradient;
      }
      dx.data[from + i] += sum;
    }
  });
  return { y, dx, dFilter };
}

/** Pooling of x [batch, height, width, channels] and its gradient; padding counts neither as a maximum nor in a mean. */
export function pooling(kind: 'max' | 'average', x: Values, dy: Values, window: Window) {
  const channels = x.shape[3];
  const y = zeros(dy.shape);
  const dx = zeros(x.shape);
  const counts = new Int32Array(y.data.length);
  const largest = new Int32Array(y.data.length).fill(-1);
  const each = (visit: (input: number, output: number) => void) =>
    eachTap(x.shape, dy.shape, window, (from, _, to) => {
      for (let c = 0; c < channels; c++) visit(from * channels + c, to * channels + c);
    });
  each((from, to) => {
    counts[to]++;
    y.data[to] += x.data[from];
    if (largest[to] < 0 || x.data[from] > x.data[largest[to]]) largest[to] = from;
  });
  if (kind === 'average') {
    y.data.forEach((sum, i) => {
      y.data[i] = sum / counts[i];
    });
    each((from, to) => {
      dx.data[from] += dy.data[to] / counts[to];
    });
  } else {
    largest.forEach((from, to) => {
      y.data[to] = x.data[from];
      dx.data[from] += dy.data[to];
    });
  }
  return { y, dx };
}

export function transposed({ shape: [rows, columns], data }: Values): Values {
  const result = zeros([columns, rows]);
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < columns; j++) result.data[j * rows + i] = data[i * columns + j];
  return result;
}

export function product(a: Values, b: Values): Values {
  const [[rows, inner], columns] = [a.shape, b.shape[1]];
  const result = zeros([rows, columns]);
  for (let i = 0; i < rows; i++)
    for (let k = 0; k < inner; k++)
      for (let j = 0; j < columns; j++)
        result.data[i * columns + j] += a.data[i * inner + k] * b.data[k * columns + j];
  return result;
}

/** Reduces every row of the last axis to one value. */
export function reduced(x: Values, of: (row: Float64Array) => number): Values {
  const length = x.shape.at(-1)!;
  const result = zeros(x.shape.slice(0, -1));
  for (let i = 0; i < result.data.length; i++)
    result.data[i] = of(x.data.subarray(i * length, (i + 1) * length));
  return result;
}

/** Replaces every row of the last axis. */
export function byRows(x: Values, of: (row: Float64Array) => Float64Array): Values {
  const length = x.shape.at(-1)!;
  const result = zeros(x.shape);
  for (let from = 0; from < x.data.length; from += length)
    result.data.set(of(x.data.subarray(from, from + length)), from);
  return result;
}

/** A batch normalization's settings; see `Kernels.batchNorm`. */
export interface Normalized {
  views: number;
  splits: number;
  epsilon: number;
  relu: boolean;
  scale: Values | null;
  offset: Values | null;
  residual: Values | null;
}

/** Split batch normalization of x [batch, ..., channels], and its gradients when the result's gradient is dy. */
export function batchNorm(x: Values, dy: Values, settings: Normalized) {
  const { views, splits, epsilon, relu, scale, offset, residual } = settings;
  const channels = x.shape.at(-1)!;
  const [batch, groups] = [x.shape[0], views * splits];
  const perSample = x.data.length / batch;
  const group = (index: number) => {
    const sample = Math.floor(index / perSample);
    const view = Math.floor(sample / (batch / views));
    return (view * splits + ((sample % (batch / views)) % splits)) * channels + (index % channels);
  };
  const count = x.data.length / channels / groups;
  /** Mean of a value over each group and channel. */
  const means = (of: (index: number) => number): Values => {
    const result = zeros([groups, channels]);
    for (let i = 0; i < x.data.length; i++) result.data[group(i)] += of(i) / count;
    return result;
  };
  const mean = means((i) => x.data[i]);
  const variance = means((i) => (x.data[i] - mean.data[group(i)]) ** 2);
  const deviation = variance.data.map((value) => Math.sqrt(value + epsilon));
  const normal = map(x, (value, _, i) => (value - mean.data[group(i)]) / deviation[group(i)]);
  const scaled = (i: number) => scale?.data[i % channels] ?? 1;
  const y = map(normal, (value, _, i) => {
    const sum = value * scaled(i) + (offset?.data[i % channels] ?? 0) + (residual?.data[i] ?? 0);
    return relu ? Math.max(0, sum) : sum;
  });
  const dResidual = map(dy, (gradient, value) => (relu && value <= 0 ? 0 : gradient), y);
  const along = means((i) => dResidual.data[i] * normal.data[i]);
  const plain = means((i) => dResidual.data[i]);
  const dx = map(
    dResidual,
    (gradient, value, i) =>
      (scaled(i) / deviation[group(i)]) * (gradient - plain.data[group(i)] - value * along.data[group(i)]),
    normal,
  );
  const perChannel = ({ data }: Values): Values => {
    const sums = zeros([channels]);
    data.forEach((value, i) => {
      sums.data[i % channels] += value * count;
    });
    return sums;
  };
  return { y, mean, variance, dx, dResidual, dScale: perChannel(along), dOffset: perChannel(plain) };
}
