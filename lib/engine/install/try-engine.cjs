// Loads tfjs-node from the folder given and compares a small convolution, its gradients and a matrix product with
// plain numbers, and operations of the kit's own, where there are any, with TensorFlow's. The last line tells what runs;
// a difference ends with an error.
const { existsSync } = require('node:fs');
const util = require('node:util');

process.env.TF_ENABLE_ONEDNN_OPTS = '0';
process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
util.isNullOrUndefined ??= (value) => value == null;
const [folder, kernels] = process.argv.slice(2);
const tf = require(folder);

function expectValues(what, tensor, expected) {
  const values = tensor.dataSync();
  const tolerance = 1e-4 * expected.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
  if (
    values.length !== expected.length ||
    expected.some((value, i) => !(Math.abs(values[i] - value) < tolerance))
  ) {
    throw new Error(`${what} is ${values.slice(0, 9)} where ${expected.slice(0, 9)} is right`);
  }
}

const x = tf.tensor4d([1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 3, 3, 1]);
const filter = tf.tensor4d([1, 0, -1, 2], [2, 2, 1, 1]);
const convolve = (input, weights) => tf.conv2d(input, weights, 1, 'valid');
expectValues('A convolution', convolve(x, filter), [7, 9, 13, 15]);
const [dx, dfilter] = tf.grads(convolve)([x, filter], tf.tensor4d([1, 2, 3, 4], [1, 2, 2, 1]));
expectValues('Its gradient by the input', dx, [1, 2, 0, 2, 4, 4, -3, 2, 8]);
expectValues('Its gradient by the filter', dfilter, [37, 47, 67, 77]);
const a = tf.tensor2d([1, 2, 3, 4], [2, 2]);
expectValues('A matrix product', tf.matMul(a, a), [7, 10, 15, 22]);

const backend = tf.backend();
if (existsSync(kernels)) tryKernels(require(kernels).start(2));

/** Convolutions and a batch norm of the kit's own, on as many channels as their vectors have floats. */
function tryKernels(channels) {
  const { TF_ATTR_INT, TF_ATTR_FLOAT } = backend.binding;
  const attributes = (integers, reals = {}) => [
    ...Object.entries(integers).map(([name, value]) => ({ name, type: TF_ATTR_INT, value })),
    ...Object.entries(reals).map(([name, value]) => ({ name, type: TF_ATTR_FLOAT, value })),
  ];
  const random = (shape, seed) => tf.randomNormal(shape, 0, 1, 'float32', seed);
  const [pictures, weights] = [random([16, 6, 6, channels], 1), random([3, 3, channels, channels], 2)];
  const same = (input, filters) => tf.conv2d(input, filters, 1, 'same');
  const expected = same(pictures, weights);
  const [, dweights] = tf.grads(same)([pictures, weights], expected);
  const compare = (name, settings, inputs, right) =>
    expectValues(`${name} of the kit`, backend.executeSingleOutput(name, settings, inputs), [
      ...right.dataSync(),
    ]);
  compare('MnnWinograd', attributes({ turned: 0 }), [pictures, weights], expected);
  compare('MnnPatches', attributes({ stride: 1, padding: 1 }), [pictures, weights], expected);
  compare('MnnWinogradFilterGradient', [], [pictures, expected], dweights);
  const none = tf.tensor1d([]);
  const settings = attributes({ views: 1, splits: 1, relu: 1, residuals: 0 }, { epsilon: 1e-5 });
  const [normalised] = backend.executeMultipleOutputs('MnnBatchNorm', settings, [pictures, none, none], 3);
  const { mean, variance } = tf.moments(pictures, [0, 1, 2]);
  const right = tf.relu(tf.batchNorm(pictures, mean, variance, undefined, undefined, 1e-5));
  expectValues('MnnBatchNorm of the kit', normalised, [...right.dataSync()]);
}

const device = backend.isUsingGpuDevice ? 'GPU' : 'CPU';
console.log(JSON.stringify({ version: backend.binding.TF_Version, device }));
