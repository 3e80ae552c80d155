import { UserError } from '../core/errors';
import { blockPlan, hasShortcut, paperStem, type StemConvolution } from '../models';

/** What decides the shape of a ResNet-18 of the kit. */
export interface BackboneModel {
  /** Channels of the first stage; 64 in the paper. */
  width: number;
  /** 3x3 max pooling after the first convolution, which leaves no trace among the tensors. */
  maxPool: boolean;
  /** The first convolution, of which the tensors tell the size only. Absent: the paper's. */
  stem?: StemConvolution;
}

/**
 * The tensors of a trained backbone under the names of torchvision's ResNet and in PyTorch's layouts: filters
 * [out, in, height, width], and weight, bias, running mean and variance of each batch norm. A split batch norm has
 * the same. `num_batches_tracked` is left out, since nothing depends on it.
 */
export interface Backbone {
  model: BackboneModel;
  tensors: Map<string, Float32Array>;
}

const statistics = ['weight', 'bias', 'running_mean', 'running_var'] as const;

/** Names and shapes of a backbone's tensors, in torchvision's order. @param stemSize of the first convolution. */
export function backboneShapes(width: number, stemSize: number = paperStem.size): Map<string, number[]> {
  const shapes = new Map<string, number[]>();
  const add = (conv: string, norm: string, shape: number[]) => {
    shapes.set(`${conv}.weight`, shape);
    for (const name of statistics) shapes.set(`${norm}.${name}`, [shape[0]]);
  };
  add('conv1', 'bn1', [width, 3, stemSize, stemSize]);
  for (const { name, ...block } of blockPlan(width)) {
    const { ins, outs } = block;
    add(`${name}.conv1`, `${name}.bn1`, [outs, ins, 3, 3]);
    add(`${name}.conv2`, `${name}.bn2`, [outs, outs, 3, 3]);
    if (hasShortcut(block)) add(`${name}.downsample.0`, `${name}.downsample.1`, [outs, ins, 1, 1]);
  }
  return shapes;
}

/** The same of a backbone that is known. */
export function shapesOf({ width, stem }: BackboneModel): Map<string, number[]> {
  return backboneShapes(width, stem?.size);
}

/** The network in words: its width, first convolution and pooling. */
export function describeModel({ width, maxPool, stem = paperStem }: BackboneModel): string {
  const { size, stride, padding } = stem;
  return (
    `ResNet-18 of width ${width}, first convolution ${size}x${size} at stride ${stride} with padding ${padding}, ` +
    `${maxPool ? 'with' : 'without'} max pooling`
  );
}

/** Trained values of the network, running statistics left out: 11,168,832 at width 64. */
export function countParameters({ tensors }: Backbone): number {
  const trained = [...tensors].filter(([name]) => !name.includes('running_'));
  return trained.reduce((sum, [, values]) => sum + values.length, 0);
}

/** @throws UserError that names a tensor that holds anything else than finite numbers, or variances below zero. */
export function checkValues({ tensors }: Backbone, file: string): void {
  for (const [name, values] of tensors) {
    if (!values.every(Number.isFinite)) {
      throw new UserError(`${file}: tensor ${name} holds values that are no finite numbers.`);
    }
    if (name.endsWith('running_var') && values.some((value) => value < 0)) {
      throw new UserError(`${file}: tensor ${name} holds variances below zero.`);
    }
  }
}
