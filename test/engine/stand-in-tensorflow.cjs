// Stands in for tfjs-node where a test needs native TensorFlow that lies, crashes or hangs: JavaScript under the name
// of the backend 'tensorflow', with its convolutions. The environment says what it does wrong, and in which operation of
// which shape: STAND_IN_FAULT=wrong|crash|hang, STAND_IN_OPERATION=Conv2D, STAND_IN_SHAPE=2,4,4,1.
const { tf } = require('../../lib/engine/tf');
const { plainKernels } = require('../../lib/engine/kernels/plain');
const { MathBackendCPU } = require('@tensorflow/tfjs-backend-cpu');

class StandIn extends MathBackendCPU {
  isUsingGpuDevice = false;
  binding = { TF_Version: '2.0.0' };

  executeSingleOutput(name, attributes, inputs) {
    const of = (wanted) => attributes.find((attribute) => attribute.name === wanted).value;
    const [stride, padding] = [of('strides')[1], of('explicit_paddings')[2] ?? 0];
    const [first, second, third] = inputs;
    const shape = (tensor) => [...tensor.dataSync()];
    const operations = {
      Conv2D: () => plainKernels.conv2d(first, second, stride, padding),
      Conv2DBackpropInput: () =>
        plainKernels.conv2dInputGradient(third, second, shape(first), stride, padding),
      Conv2DBackpropFilter: () =>
        plainKernels.conv2dFilterGradient(first, third, shape(second), stride, padding),
    };
    return fault(name, operations[name]());
  }
}

function fault(name, result) {
  const { STAND_IN_FAULT, STAND_IN_OPERATION, STAND_IN_SHAPE } = process.env;
  if (name !== STAND_IN_OPERATION || String(result.shape) !== STAND_IN_SHAPE) return result;
  if (STAND_IN_FAULT === 'crash') process.abort();
  while (STAND_IN_FAULT === 'hang');
  return STAND_IN_FAULT === 'wrong' ? tf.add(result, 0.01) : result;
}

const backend = new StandIn();
tf.registerBackend('tensorflow', () => backend);
for (const kernel of tf.getKernelsForBackend('cpu'))
  tf.registerKernel({ ...kernel, backendName: 'tensorflow' });
tf.setBackend('tensorflow');
exports.backend = () => backend;
