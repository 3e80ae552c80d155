import { randomStream } from '../core/random';
import { tf } from '../engine';
import { type NamedVariables, ResNet18 } from '../models';

import { type Backbone, shapesOf } from './backbone';
import { toHwio } from './layouts';

/** The network of a backbone's tensors on the engine that runs, for evaluation. */
export function networkOf({ model, tensors }: Backbone): { backbone: ResNet18; dispose(): void } {
  const backbone = new ResNet18(randomStream(0, 'init'), { ...model, bnSplits: 1, trainable: false });
  const variables: NamedVariables = new Map([...backbone.parameters(), ...backbone.buffers()]);
  for (const [name, shape] of shapesOf(model)) {
    const variable = variables.get(name)!;
    const values = tensors.get(name)!;
    const inLayout = shape.length === 4 ? toHwio(values, shape) : values;
    tf.tidy(() => variable.assign(tf.tensor(inLayout, variable.shape, 'float32')));
  }
  return { backbone, dispose: () => tf.dispose([...variables.values()]) };
}
