import assert from 'node:assert/strict';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { normalize } from '../../lib/augment';
import { withFile } from '../../lib/core/byte-source';
import { startEngine } from '../../lib/engine/engine';
import { tf } from '../../lib/engine/tf';
import { encodeOnnx, importBackbone } from '../../lib/interchange';
import { modelMessage } from '../../lib/interchange/onnx/messages';
import { expectClose } from '../engines';
import { goldenBytes } from '../golden';
import { fixturePath, pytorchFeatures } from './fixtures';

interface Node {
  op_type: string;
  input: string[];
  output: string[];
  attribute: { name: string; f?: number; ints?: number[] }[];
}

interface Model {
  ir_version: number;
  opset_import: { version: number }[];
  graph: {
    node: Node[];
    initializer: { name: string; dims: number[]; data_type: number; raw_data: string }[];
    input: unknown[];
    output: unknown[];
  };
}

async function exported(name: string): Promise<Model> {
  const message = modelMessage();
  const bytes = encodeOnnx(await withFile(fixturePath(name), (source) => importBackbone(source)));
  return message.toObject(message.decode(bytes), { longs: Number, bytes: String }) as Model;
}

/** What each of ONNX's operations does, as its documentation has it, with TensorFlow.js's own, on NCHW. */
const operations: Record<string, (inputs: Tensor[], attribute: (name: string) => number[]) => Tensor> = {
  Conv: ([x, filter], attribute) =>
    toNchw(
      tf.conv2d(
        padded(x, attribute('pads'), 0),
        tf.transpose(filter, [2, 3, 1, 0]) as Tensor4D,
        attribute('strides') as [number, number],
        'valid',
      ),
    ),
  BatchNormalization: ([x, scale, offset, mean, variance], attribute) =>
    toNchw(
      tf.batchNorm(
        toNhwc(x),
        mean as never,
        variance as never,
        offset as never,
        scale as never,
        attribute('epsilon')[0],
      ),
    ),
  Relu: ([x]) => tf.relu(x),
  MaxPool: ([x], attribute) =>
    toNchw(
      tf.maxPool(
        padded(x, attribute('pads'), -1e9),
        attribute('kernel_shape') as [number, number],
        attribute('strides') as [number, number],
        'valid',
      ),
    ),
  Add: ([a, b]) => tf.add(a, b),
  GlobalAveragePool: ([x]) => tf.mean(x, [2, 3], true),
  Flatten: ([x]) => tf.reshape(x, [x.shape[0], -1]),
};

const toNhwc = (x: Tensor) => tf.transpose(x, [0, 2, 3, 1]) as Tensor4D;
const toNchw = (x: Tensor) => tf.transpose(x, [0, 3, 1, 2]);
const padded = (x: Tensor, [top, left, bottom, right]: number[], value: number) =>
  tf.pad(
    toNhwc(x),
    [
      [0, 0],
      [top, bottom],
      [left, right],
      [0, 0],
    ],
    value,
  ) as Tensor4D;

function run({ graph }: Model, pixels: Tensor): Tensor {
  const values = new Map<string, Tensor>([['pixels', pixels]]);
  for (const { name, dims, raw_data } of graph.initializer) {
    const bytes = Uint8Array.from(Buffer.from(raw_data, 'base64'));
    values.set(name, tf.tensor(new Float32Array(bytes.buffer), dims));
  }
  for (const { op_type, input, output, attribute } of graph.node) {
    const read = (name: string) => {
      const { ints, f } = attribute.find((candidate) => candidate.name === name)!;
      return ints ?? [f!];
    };
    values.set(
      output[0],
      operations[op_type](
        input.map((name) => values.get(name)!),
        read,
      ),
    );
  }
  return values.get('features')!;
}

describe('Export to ONNX', () => {
  before(() => startEngine({ engine: 'cpu' }));

  for (const name of ['authors.pth', 'parallel-legacy.pth']) {
    it(`computes the features of PyTorch's network: ${name}`, async () => {
      const { images, mean, std, files } = pytorchFeatures();
      const [count, size] = images.shape;
      const pixels = goldenBytes(images);
      const values = new Float32Array(pixels.length);
      normalize(pixels, { mean, std }, values, 0);
      const x = toNchw(tf.tensor4d(values, [count, size, size, 3]));
      const model = await exported(name);
      await expectClose(
        tf.tidy(() => run(model, x)),
        files[name].features,
        1e-5,
      );
      assert.equal(
        model.graph.node.some(({ op_type }) => op_type === 'MaxPool'),
        name === 'parallel-legacy.pth',
      );
    });
  }

  it('is of opset 17, and takes any number of images of any size', async () => {
    const { ir_version, opset_import, graph } = await exported('authors.pth');
    assert.equal(ir_version, 8);
    assert.deepEqual(opset_import, [{ version: 17 }]);
    const shape = (...sizes: (string | number)[]) => ({
      tensor_type: {
        elem_type: 1,
        shape: {
          dim: sizes.map((size) => (typeof size === 'string' ? { dim_param: size } : { dim_value: size })),
        },
      },
    });
    assert.deepEqual(graph.input, [{ name: 'pixels', type: shape('batch', 3, 'height', 'width') }]);
    assert.deepEqual(graph.output, [{ name: 'features', type: shape('batch', 16) }]);
    assert.ok(graph.initializer.every(({ data_type }) => data_type === 1));
  });
});
