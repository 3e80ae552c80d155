// Loads tfjs-node from the folder given and compares a small convolution, its gradients and a matrix product with
// plain numbers; operations of the kit's own are started first, where there are any. The last line tells what runs; a
// difference ends with an error.
const { existsSync } = require('node:fs');
const util = require('node:util');

process.env.TF_ENABLE_ONEDNN_OPTS ??= '1';
process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
util.isNullOrUndefined ??= (value) => value == null;
const [folder, kernels] = process.argv.slice(2);
const tf = require(folder);
if (existsSync(kernels)) require(kernels).start(1);

function expectValues(what, tensor, expected) {
  const values = tensor.dataSync();
  if (
    values.length !== expected.length ||
    expected.some((value, i) => !(Math.abs(values[i] - value) < 1e-4))
  ) {
    throw new Error(`${what} is ${[...values]} where ${expected} is right`);
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
const device = backend.isUsingGpuDevice ? 'GPU' : 'CPU';
console.log(JSON.stringify({ version: backend.binding.TF_Version, device }));
