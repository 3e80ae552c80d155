import type { Random } from '../random';
import { Linear, RowBatchNorm, Sequential } from './layers';
import type { Layer } from './network';

/**
 * The projection or prediction head of BYOL, MSF and MNN: linear without bias, batch norm, ReLU, linear with
 * bias. [batch, ins] -> [batch, outs]. Layers are numbered as in the authors' code.
 */
export function byolHead(
  random: Random,
  sizes: { ins: number; hidden: number; outs: number },
  trainable: boolean,
): Layer {
  const { ins, hidden, outs } = sizes;
  return new Sequential([
    ['layers.0', new Linear(random, ins, hidden, { bias: false, trainable })],
    ['layers.1', new RowBatchNorm({ channels: hidden, relu: true, trainable })],
    ['layers.3', new Linear(random, hidden, outs, { bias: true, trainable })],
  ]);
}
