import { bytesOf } from '../../core/safetensors';
import { blockPlan, hasShortcut, paperStem } from '../../models';
import { type Backbone, type BackboneModel, shapesOf } from '../backbone';

/** Types of ONNX's: of attributes, and of the numbers of tensors. */
const attributeType = { float: 1, int: 2, ints: 7 };
const float32 = 1;

type Attribute = { name: string; type: number; f?: number; i?: number; ints?: number[] };

interface Node {
  op_type: string;
  name: string;
  input: string[];
  output: string[];
  attribute: Attribute[];
}

/** A backbone as a graph of ONNX's: `pixels` [batch, 3, height, width] to `features` [batch, 8 * width]. */
export function backboneGraph({ model, tensors }: Backbone): object {
  return {
    name: 'backbone',
    node: new GraphBuilder().backbone(model),
    initializer: [...shapesOf(model)].map(([name, dims]) => ({
      name,
      dims,
      data_type: float32,
      raw_data: bytesOf(tensors.get(name)!),
    })),
    input: [valueInfo('pixels', ['batch', 3, 'height', 'width'])],
    output: [valueInfo('features', ['batch', 8 * model.width])],
  };
}

/** Puts one node after the other; every step gives the name of its result. */
class GraphBuilder {
  private readonly nodes: Node[] = [];

  backbone({ width, maxPool, stem = paperStem }: BackboneModel): Node[] {
    const { size, stride, padding } = stem;
    let y = this.relu(this.convolution('pixels', 'conv1', 'bn1', size, stride, padding), 'relu');
    if (maxPool) y = this.add('MaxPool', 'maxpool', [y], window(3, 2));
    for (const { name, ...block } of blockPlan(width)) {
      const inner = this.relu(
        this.convolution(y, `${name}.conv1`, `${name}.bn1`, 3, block.stride),
        `${name}.relu1`,
      );
      const outer = this.convolution(inner, `${name}.conv2`, `${name}.bn2`, 3, 1);
      const around = hasShortcut(block)
        ? this.convolution(y, `${name}.downsample.0`, `${name}.downsample.1`, 1, block.stride)
        : y;
      y = this.relu(this.add('Add', `${name}.add`, [outer, around]), `${name}.relu2`);
    }
    const pooled = this.add('GlobalAveragePool', 'avgpool', [y]);
    this.add('Flatten', 'features', [pooled], [int('axis', 1)]);
    return this.nodes;
  }

  private convolution(
    x: string,
    conv: string,
    norm: string,
    size: number,
    stride: number,
    padding = (size - 1) / 2,
  ): string {
    const y = this.add('Conv', conv, [x, `${conv}.weight`], window(size, stride, padding));
    const statistics = ['weight', 'bias', 'running_mean', 'running_var'].map((name) => `${norm}.${name}`);
    return this.add('BatchNormalization', norm, [y, ...statistics], [float('epsilon', 1e-5)]);
  }

  private relu(x: string, name: string): string {
    return this.add('Relu', name, [x]);
  }

  private add(op_type: string, name: string, input: string[], attribute: Attribute[] = []): string {
    this.nodes.push({ op_type, name, input, output: [name], attribute });
    return name;
  }
}

/** A square window; its margin keeps the size at stride 1, unless given. */
function window(size: number, stride: number, margin = (size - 1) / 2): Attribute[] {
  return [
    ints('kernel_shape', [size, size]),
    ints('strides', [stride, stride]),
    ints('pads', [margin, margin, margin, margin]),
  ];
}

const float = (name: string, f: number): Attribute => ({ name, type: attributeType.float, f });
const int = (name: string, i: number): Attribute => ({ name, type: attributeType.int, i });
const ints = (name: string, values: number[]): Attribute => ({
  name,
  type: attributeType.ints,
  ints: values,
});

/** The name and shape of an input or output; a dimension that is left open has a name. */
function valueInfo(name: string, dimensions: (string | number)[]): object {
  const dim = dimensions.map((size) =>
    typeof size === 'string' ? { dim_param: size } : { dim_value: size },
  );
  return { name, type: { tensor_type: { elem_type: float32, shape: { dim } } } };
}
