import type { Tensor, Tensor1D, Tensor2D, Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Affine, BatchStatistics, Kernels } from '../kernels/kernels';
import { tf } from '../tf';
import {
  batchNorm,
  byRows,
  convolution,
  map,
  type Normalized,
  pooling,
  product,
  randomValues,
  reduced,
  transposed,
  type Values,
  type Window,
  zeros,
} from './reference';

/** To be raised when the battery changes, so that engines are proven anew. */
export const batteryVersion = 1;

/** A computation on an engine, and the values that it has to yield. */
export interface Computation {
  what: string;
  compute(): Tensor[];
  expected: Values[];
}

/** Numbers of channels in and out: few and many, odd ones, and around the lengths of vectors. */
const channelPairs = [
  [1, 1],
  [1, 8],
  [2, 31],
  [3, 16],
  [3, 64],
  [5, 7],
  [8, 4],
  [8, 8],
  [12, 24],
  [16, 16],
  [17, 33],
  [32, 16],
  [64, 32],
  [64, 64],
];
const sizes = [
  [2, 4, 4],
  [3, 7, 5],
];

/** Images [batch, height, width] and channels of larger convolutions: many threads' work, and deep layers. */
const largeConvolutions = [
  { image: [8, 16, 16], channels: [16, 16], size: 3, stride: 1 },
  { image: [4, 32, 32], channels: [3, 16], size: 3, stride: 1 },
  { image: [3, 9, 9], channels: [48, 64], size: 3, stride: 2 },
  { image: [2, 8, 8], channels: [64, 128], size: 1, stride: 2 },
  { image: [2, 2, 2], channels: [256, 256], size: 3, stride: 1 },
  { image: [1, 15, 15], channels: [3, 8], size: 7, stride: 2 },
];

const epsilon = 1e-5;

/** What an engine has to get right before it is used: the kernels of a training step, and what else is computed with it. */
export function* battery(kernels: Kernels): Generator<Computation> {
  yield* convolutions(kernels);
  yield* products(kernels);
  yield* maxPools(kernels);
  yield* batchNorms(kernels);
  yield* updates(kernels);
}

function tensor<T extends Tensor>({ data, shape }: Values): T {
  return tf.tensor(Float32Array.from(data), shape) as T;
}

function* convolutions(kernels: Kernels): Generator<Computation> {
  const small = channelPairs.flatMap((channels) =>
    sizes.flatMap((image) =>
      [1, 2, 3].flatMap((size) => [1, 2].map((stride) => ({ image, channels, size, stride }))),
    ),
  );
  for (const { image, channels, size, stride } of [...small, ...largeConvolutions]) {
    const paddings = size < 3 ? [...Array(size).keys()] : [0, (size - 1) / 2, size - 1];
    for (const padding of paddings) {
      const outputs = image.slice(1).map((length) => Math.floor((length + 2 * padding - size) / stride) + 1);
      if (Math.min(...outputs) < 1) continue;
      const window: Window = { size: [size, size], stride, padding: [padding, padding] };
      const [x, filter, dy] = convolutionInputs(image, outputs, window, channels);
      const right = convolution(x, filter, dy, window);
      const what = `a ${size}x${size} convolution, stride ${stride}, padding ${padding}, ${channels[0]} to ${channels[1]} channels, ${image.join('x')}`;
      yield {
        what,
        compute: () => [kernels.conv2d(tensor(x), tensor(filter), stride, padding)],
        expected: [right.y],
      };
      const xShape = x.shape as Tensor4D['shape'];
      yield {
        what: `the gradient by the input of ${what}`,
        compute: () => [kernels.conv2dInputGradient(tensor(dy), tensor(filter), xShape, stride, padding)],
        expected: [right.dx],
      };
      const filterShape = filter.shape as Tensor4D['shape'];
      yield {
        what: `the gradient by the filter of ${what}`,
        compute: () => [kernels.conv2dFilterGradient(tensor(x), tensor(dy), filterShape, stride, padding)],
        expected: [right.dFilter],
      };
    }
  }
}

function convolutionInputs(image: number[], outputs: number[], { size }: Window, [ins, outs]: number[]) {
  return [
    randomValues([...image, ins], 1),
    randomValues([...size, ins, outs], 2),
    randomValues([image[0], ...outputs, outs], 3),
  ];
}

function* products(kernels: Kernels): Generator<Computation> {
  const shapes = [
    [1, 1, 1],
    [2, 3, 4],
    [7, 5, 1],
    [1, 33, 17],
    [16, 16, 16],
    [31, 17, 65],
    [64, 128, 10],
    [96, 64, 128],
  ];
  for (const [rows, inner, columns] of shapes)
    for (const transposeA of [false, true])
      for (const transposeB of [false, true]) {
        const [a, b] = [randomValues([rows, inner], 1), randomValues([inner, columns], 2)];
        const side = (values: Values, turned: boolean) =>
          tensor<Tensor2D>(turned ? transposed(values) : values);
        const marks = [transposeA, transposeB].map((turned) => (turned ? "'" : ''));
        yield {
          what: `the product of matrices${marks.join(' and')} of ${rows}x${inner} and ${inner}x${columns}`,
          compute: () => [kernels.matMul(side(a, transposeA), side(b, transposeB), transposeA, transposeB)],
          expected: [product(a, b)],
        };
      }
}

function* maxPools(kernels: Kernels): Generator<Computation> {
  for (const [height, width] of [
    [4, 4],
    [7, 5],
    [8, 6],
  ])
    for (const channels of [1, 5, 16]) {
      const x = randomValues([2, height, width, channels], 1);
      const dy = randomValues([2, Math.ceil(height / 2), Math.ceil(width / 2), channels], 2);
      const right = pooling('max', x, dy, { size: [3, 3], stride: 2, padding: [1, 1] });
      const what = `max pooling of ${x.shape.join('x')}`;
      yield { what, compute: () => [kernels.maxPool(tensor(x))], expected: [right.y] };
      yield {
        what: `the gradient of ${what}`,
        compute: () => [kernels.maxPoolGradient(tensor(dy), tensor(x), tensor(right.y))],
        expected: [right.dx],
      };
    }
}

function* batchNorms(kernels: Kernels): Generator<Computation> {
  for (const shape of [
    [8, 3, 5, 1],
    [8, 2, 2, 5],
    [8, 4, 4, 16],
    [16, 3, 3, 24],
    [32, 64],
    [16, 33],
  ])
    for (const groups of [
      { views: 1, splits: 1 },
      { views: 1, splits: 4 },
      { views: 2, splits: 2 },
    ])
      for (const variant of ['plain', 'affine', 'affine with ReLU', 'affine with a sum and ReLU']) {
        const channels = [shape.at(-1)!];
        const affine = variant !== 'plain';
        const settings: Normalized = {
          ...groups,
          epsilon,
          relu: variant.endsWith('ReLU'),
          scale: affine ? map(randomValues(channels, 3), (value) => value + 1.5) : null,
          offset: affine ? randomValues(channels, 4) : null,
          residual: variant.includes('sum') ? randomValues(shape, 5) : null,
        };
        const where = `${shape.join('x')}, ${variant}, ${groups.views} views, ${groups.splits} splits`;
        yield* batchNormsOf(kernels, randomValues(shape, 1), randomValues(shape, 2), settings, where);
      }
}

function* batchNormsOf(
  kernels: Kernels,
  x: Values,
  dy: Values,
  settings: Normalized,
  where: string,
): Generator<Computation> {
  const { views, splits, relu, scale, offset, residual } = settings;
  const groups = { views, splits };
  const right = batchNorm(x, dy, settings);
  const affine = (): Affine => ({ scale: scale && tensor(scale), offset: offset && tensor(offset) });
  const options = () => ({ epsilon, relu, ...(residual && { residual: tensor(residual) }) });
  const statistics = (): BatchStatistics => ({ mean: tensor(right.mean), variance: tensor(right.variance) });
  yield {
    what: `batch normalization of ${where}`,
    compute() {
      const { y, statistics } = kernels.batchNorm(tensor(x), affine(), groups, options());
      return [y, statistics.mean, statistics.variance];
    },
    expected: [right.y, right.mean, right.variance],
  };
  yield {
    what: `the gradient of batch normalization of ${where}`,
    compute() {
      // The ReLU's result comes from the reference: a value that rounds to the other side of 0 is no error.
      const y = relu ? tensor(right.y) : null;
      const gradients = kernels.batchNormGradient(
        tensor(dy),
        tensor(x),
        y,
        affine(),
        statistics(),
        groups,
        epsilon,
        residual !== null,
      );
      const { dx, dScale, dOffset, dResidual } = gradients;
      return [dx, dScale, dOffset, dResidual].filter(
        (gradient): gradient is Tensor => gradient !== undefined,
      );
    },
    expected: [
      right.dx,
      ...(scale ? [right.dScale, right.dOffset] : []),
      ...(residual ? [right.dResidual] : []),
    ],
  };
  const channels = x.shape.at(-1)!;
  const [mean, variance] = [randomValues([channels], 6), map(randomValues([channels], 7), (v) => v + 1.5)];
  const rows = x.data.length / channels;
  yield {
    what: `running statistics of ${where}`,
    compute() {
      const [runningMean, runningVariance] = [mean, variance].map((values) => tf.variable(tensor(values)));
      kernels.moveRunningStatistics(runningMean, runningVariance, statistics(), groups, rows, 0.1);
      return [runningMean, runningVariance];
    },
    expected: [
      moved(mean, right.mean, groups, 1),
      moved(variance, right.variance, groups, 1 + 1 / (rows / views / splits - 1)),
    ],
  };
  yield {
    what: `batch normalization with given statistics of ${where}`,
    compute: () => [
      kernels.batchNormInference(tensor(x), affine(), tensor(mean), tensor(variance), options()),
    ],
    expected: [
      map(x, (value, _, i) => {
        const c = i % channels;
        const normal = (value - mean.data[c]) / Math.sqrt(variance.data[c] + epsilon);
        const sum = normal * (scale?.data[c] ?? 1) + (offset?.data[c] ?? 0) + (residual?.data[i] ?? 0);
        return relu ? Math.max(0, sum) : sum;
      }),
    ],
  };
}

/** Running statistics after a batch: in every view each split moves them by a tenth, and the results are averaged. */
function moved(
  running: Values,
  { data }: Values,
  { views, splits }: { views: number; splits: number },
  factor: number,
): Values {
  const channels = running.data.length;
  let result = running;
  for (let view = 0; view < views; view++)
    result = map(result, (value, _, c) => {
      let sum = 0;
      for (let split = 0; split < splits; split++)
        sum += 0.9 * value + 0.1 * factor * data[(view * splits + split) * channels + c];
      return sum / splits;
    });
  return result;
}

function* updates(kernels: Kernels): Generator<Computation> {
  const shapes = [[1], [7], [64], [3, 3, 5, 17], [1000]];
  const set = (seed: number) => shapes.map((shape, i) => randomValues(shape, seed + i));
  const [parameters, gradients, buffers] = [set(10), set(20), set(30)];
  const variables = (values: Values[]) => values.map((value) => tf.variable(tensor(value)));
  const [lr, momentum, weightDecay] = [0.03, 0.9, 5e-4];
  for (const nesterov of [false, true]) {
    const steps = parameters.map((parameter, i) => {
      const gradient = map(gradients[i], (g, p) => g + weightDecay * p, parameter);
      const buffer = map(buffers[i], (b, g) => momentum * b + g, gradient);
      const direction = nesterov ? map(gradient, (g, b) => g + momentum * b, buffer) : buffer;
      return { parameter: map(parameter, (p, d) => p - lr * d, direction), buffer };
    });
    yield {
      what: `a step of SGD${nesterov ? " with Nesterov's momentum" : ''}`,
      compute() {
        const [changed, moved] = [variables(parameters), variables(buffers)];
        const settings = { lr, momentum, weightDecay, nesterov };
        kernels.sgdStep(changed, gradients.map(tensor), moved, settings);
        return [...changed, ...moved];
      },
      expected: [...steps.map(({ parameter }) => parameter), ...steps.map(({ buffer }) => buffer)],
    };
  }
  yield {
    what: 'a moving average',
    compute() {
      const targets = variables(parameters);
      kernels.movingAverage(targets, gradients.map(tensor), 0.99);
      return targets;
    },
    expected: parameters.map((target, i) => map(target, (t, s) => 0.99 * t + 0.01 * s, gradients[i])),
  };
}

/** What TensorFlow.js computes with the engine outside the kernels. */
export function* tensorflowBattery(): Generator<Computation> {
  yield* paddedConvolutions();
  yield* pools();
  yield* rowOperations();
  yield* elementOperations();
  yield* rearrangements();
}

/** TensorFlow.js's own convolutions and gradients; 'same' pads an odd row at the end, other than the kernels do. */
function* paddedConvolutions(): Generator<Computation> {
  for (const [ins, outs] of channelPairs.slice(0, 10))
    for (const [batch, height, width] of sizes)
      for (const stride of [1, 2])
        for (const size of [1, 2, 3]) {
          const outputs = [height, width].map((length) => Math.ceil(length / stride));
          const before = [height, width].map((length, i) =>
            Math.max(0, Math.floor(((outputs[i] - 1) * stride + size - length) / 2)),
          );
          const window: Window = { size: [size, size], stride, padding: [before[0], before[1]] };
          const [x, filter, dy] = convolutionInputs([batch, height, width], outputs, window, [ins, outs]);
          const right = convolution(x, filter, dy, window);
          const convolve = (input: Tensor4D, weights: Tensor4D) => tf.conv2d(input, weights, stride, 'same');
          yield {
            what: `tf.conv2d with a ${size}x${size} filter, stride ${stride}, 'same', ${ins} to ${outs} channels, ${batch}x${height}x${width}, and its gradients`,
            compute: () => {
              const inputs: [Tensor4D, Tensor4D] = [tensor(x), tensor(filter)];
              return [
                convolve(...inputs),
                ...tf.grads(convolve as (...tensors: Tensor[]) => Tensor)(inputs, tensor(dy)),
              ];
            },
            expected: [right.y, right.dx, right.dFilter],
          };
        }
}

function* pools(): Generator<Computation> {
  for (const kind of ['max', 'average'] as const)
    for (const stride of [1, 2]) {
      const outputs = Math.floor((6 - 2) / stride) + 1;
      const [x, gradient] = [randomValues([2, 6, 6, 5], 1), randomValues([2, outputs, outputs, 5], 2)];
      const right = pooling(kind, x, gradient, { size: [2, 2], stride, padding: [0, 0] });
      const pool = (input: Tensor4D) =>
        kind === 'max' ? tf.maxPool(input, 2, stride, 'valid') : tf.avgPool(input, 2, stride, 'valid');
      yield {
        what: `tf.${kind === 'max' ? 'maxPool' : 'avgPool'}, stride ${stride}, and its gradient`,
        compute: () => [
          pool(tensor(x)),
          tf.grad(pool as (input: Tensor) => Tensor)(tensor(x), tensor(gradient)),
        ],
        expected: [right.y, right.dx],
      };
    }
}

const sum = (row: Float64Array) => row.reduce((total, value) => total + value, 0);
const logOfSum = (row: Float64Array) => Math.log(sum(row.map(Math.exp)));

/** Reductions, and what is computed row by row. */
function* rowOperations(): Generator<Computation> {
  const reductions: Record<string, [(x: Tensor) => Tensor, (row: Float64Array) => number]> = {
    sum: [(x) => tf.sum(x, -1), sum],
    mean: [(x) => tf.mean(x, -1), (row) => sum(row) / row.length],
    max: [(x) => tf.max(x, -1), (row) => Math.max(...row)],
    min: [(x) => tf.min(x, -1), (row) => Math.min(...row)],
    logSumExp: [(x) => tf.logSumExp(x, -1), logOfSum],
    argMax: [(x) => tf.cast(tf.argMax(x, -1), 'float32'), (row) => row.indexOf(Math.max(...row))],
  };
  const rows: Record<string, [(x: Tensor) => Tensor, (row: Float64Array) => Float64Array]> = {
    softmax: [(x) => tf.softmax(x), (row) => row.map((value) => Math.exp(value - logOfSum(row)))],
    logSoftmax: [(x) => tf.logSoftmax(x), (row) => row.map((value) => value - logOfSum(row))],
    topk: [(x) => tf.topk(x, x.shape.at(-1)).values, (row) => Float64Array.from(row).sort().reverse()],
    cumsum: [(x) => tf.cumsum(x, x.rank - 1), (row) => row.map((_, i) => sum(row.subarray(0, i + 1)))],
  };
  for (const shape of [
    [1, 1],
    [3, 7],
    [4, 64],
    [2, 3, 33],
    [5, 1000],
  ]) {
    const x = map(randomValues(shape, 1), (value) => Math.fround(4 * value));
    for (const [name, [operation, right]] of Object.entries(reductions))
      yield {
        what: `tf.${name} of ${shape.join('x')}`,
        compute: () => [operation(tensor(x))],
        expected: [reduced(x, right)],
      };
    for (const [name, [operation, right]] of Object.entries(rows))
      yield {
        what: `tf.${name} of ${shape.join('x')}`,
        compute: () => [operation(tensor(x))],
        expected: [byRows(x, right)],
      };
  }
}

/** Value by value; some of them with their gradients. */
function* elementOperations(): Generator<Computation> {
  const single: Record<string, [(x: Tensor) => Tensor, (value: number) => number]> = {
    exp: [(x) => tf.exp(x), Math.exp],
    log: [(x) => tf.log(tf.add(x, 3)), (v) => Math.log(v + 3)],
    sqrt: [(x) => tf.sqrt(tf.add(x, 3)), (v) => Math.sqrt(v + 3)],
    rsqrt: [(x) => tf.rsqrt(tf.add(x, 3)), (v) => 1 / Math.sqrt(v + 3)],
    square: [(x) => tf.square(x), (v) => v * v],
    abs: [(x) => tf.abs(x), Math.abs],
    tanh: [(x) => tf.tanh(x), Math.tanh],
    sigmoid: [(x) => tf.sigmoid(x), (v) => 1 / (1 + Math.exp(-v))],
    relu: [(x) => tf.relu(x), (v) => Math.max(0, v)],
    elu: [(x) => tf.elu(x), (v) => (v > 0 ? v : Math.expm1(v))],
    step: [(x) => tf.step(x), (v) => Number(v > 0)],
    clipByValue: [(x) => tf.clipByValue(x, -0.5, 0.25), (v) => Math.min(0.25, Math.max(-0.5, v))],
  };
  const pairs: Record<string, [(a: Tensor, b: Tensor) => Tensor, (a: number, b: number) => number]> = {
    add: [tf.add, (a, b) => a + b],
    sub: [tf.sub, (a, b) => a - b],
    mul: [tf.mul, (a, b) => a * b],
    div: [(a, b) => tf.div(a, tf.add(b, 3)), (a, b) => a / (b + 3)],
    maximum: [tf.maximum, (a, b) => Math.max(a, b)],
    minimum: [tf.minimum, (a, b) => Math.min(a, b)],
    squaredDifference: [tf.squaredDifference, (a, b) => (a - b) ** 2],
    where: [(a, b) => tf.where(tf.greater(a, b), a, b), (a, b) => Math.max(a, b)],
  };
  for (const shape of [[1], [7], [4, 64], [1001]]) {
    const [a, b] = [randomValues(shape, 1), randomValues(shape, 2)];
    for (const [name, [operation, right]] of Object.entries(single))
      yield {
        what: `tf.${name} of ${shape.join('x')}`,
        compute: () => [operation(tensor(a))],
        expected: [map(a, right)],
      };
    for (const [name, [operation, right]] of Object.entries(pairs))
      yield {
        what: `tf.${name} of ${shape.join('x')}`,
        compute: () => [operation(tensor(a), tensor(b))],
        expected: [map(a, right, b)],
      };
  }
  const [rows, bias] = [randomValues([6, 33], 1), randomValues([33], 2)];
  yield {
    what: 'tf.add with broadcasting, and its gradients',
    compute: () => [
      tf.add(tensor(rows), tensor(bias)),
      ...tf.grads((a, b) => tf.add(a, b))([tensor(rows), tensor(bias)], tensor(rows)),
    ],
    expected: [map(rows, (value, _, i) => value + bias.data[i % 33]), rows, reduced(transposed(rows), sum)],
  };
  const channels = [1, 2, 3, 4].map((seed) => randomValues([5], seed));
  const [mean, variance, offset, scale] = [
    channels[0],
    map(channels[1], (v) => v + 1.5),
    ...channels.slice(2),
  ];
  const x = randomValues([2, 3, 4, 5], 9);
  yield {
    what: 'tf.batchNorm',
    compute: () => [
      tf.batchNorm4d(
        tensor<Tensor4D>(x),
        tensor<Tensor1D>(mean),
        tensor<Tensor1D>(variance),
        tensor<Tensor1D>(offset),
        tensor<Tensor1D>(scale),
        epsilon,
      ),
    ],
    expected: [
      map(x, (value, _, i) => {
        const c = i % 5;
        const normal = (value - mean.data[c]) / Math.sqrt(variance.data[c] + epsilon);
        return normal * scale.data[c] + offset.data[c];
      }),
    ],
  };
}

/** What moves values without changing them, and products of many matrices. */
function* rearrangements(): Generator<Computation> {
  const x = randomValues([5, 33], 1);
  const picked = [4, 0, 0, 2];
  const pick = (from: number[], shape: number[]): Values => ({
    shape,
    data: Float64Array.from(from, (index) => (index < 0 ? 0 : x.data[index])),
  });
  const indices = [...Array(5 * 33).keys()];
  const cases: [string, () => Tensor, Values][] = [
    ['transpose', () => tf.transpose(tensor(x)), transposed(x)],
    [
      'gather',
      () => tf.gather(tensor(x), tf.tensor1d(picked, 'int32')),
      pick(
        picked.flatMap((row) => indices.slice(33 * row, 33 * row + 33)),
        [4, 33],
      ),
    ],
    ['concat', () => tf.concat([tensor(x), tensor(x)], 0), pick([...indices, ...indices], [10, 33])],
    ['slice', () => tf.slice(tensor(x), [1, 0], [3, 33]), pick(indices.slice(33, 4 * 33), [3, 33])],
    ['reverse', () => tf.reverse(tensor(x)), pick([...indices].reverse(), [5, 33])],
    [
      'pad',
      () =>
        tf.pad(tensor(x), [
          [1, 2],
          [0, 0],
        ]),
      pick([...Array(33).fill(-1), ...indices, ...Array(66).fill(-1)], [8, 33]),
    ],
    ['tile', () => tf.tile(tensor(x), [2, 1]), pick([...indices, ...indices], [10, 33])],
  ];
  for (const [name, operation, right] of cases)
    yield { what: `tf.${name}`, compute: () => [operation()], expected: [right] };
  const [a, b] = [randomValues([3, 4, 17], 1), randomValues([3, 17, 9], 2)];
  const part = ({ shape, data }: Values, i: number): Values => {
    const size = shape[1] * shape[2];
    return { shape: shape.slice(1), data: data.subarray(i * size, (i + 1) * size) };
  };
  const batched = zeros([3, 4, 9]);
  for (let i = 0; i < 3; i++) batched.data.set(product(part(a, i), part(b, i)).data, i * 36);
  yield {
    what: 'tf.matMul of three pairs of matrices',
    compute: () => [tf.matMul(tensor<Tensor3D>(a), tensor<Tensor3D>(b))],
    expected: [batched],
  };
}

/**
 * How far values may be from the expected ones, as a part of the largest of these. Float32 stays within a quarter of
 * the first on every engine; products in bfloat16 or TF32 are 20 times as far off as it allows.
 */
export const tolerances = { float32: 1e-5, tf32: 5e-3 };

/** What is wrong with a computation's results; undefined when nothing is. */
export async function fault(
  { what, compute, expected }: Computation,
  tolerance: number,
): Promise<string | undefined> {
  tf.engine().startScope();
  const results = compute();
  try {
    if (results.length !== expected.length)
      return `${what}: ${results.length} results, not ${expected.length}`;
    for (const [i, { shape, data }] of expected.entries()) {
      const got = await results[i].data();
      if (got.length !== data.length) return `${what}: its shape is [${results[i].shape}], not [${shape}]`;
      const largest = data.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-3);
      const at = data.findIndex((value, j) => !(Math.abs(got[j] - value) <= tolerance * largest));
      if (at >= 0) {
        const [wrong, right] = [got[at], data[at]].map((value) => Number(value.toPrecision(7)));
        return `${what}: value ${at} is ${wrong} where ${right} is right`;
      }
    }
    return undefined;
  } finally {
    // Variables outlive their scope.
    tf.dispose(results);
    tf.engine().endScope();
  }
}
