import type { Random } from '../core/random';
import { Linear, Relu, RowBatchNorm, Sequential } from './layers';
import type { Layer } from './network';

/** Builds a head, [batch, ins] -> [batch, outs]. Layers are numbered as in the authors' code. */
export type HeadBuilder = (
  random: Random,
  sizes: { ins: number; hidden: number; outs: number },
  trainable: boolean,
) => Layer;

/** The heads of a method: the projection g, and the prediction h where there is one. */
export interface Heads {
  /** The method they come from. */
  name: string;
  /** Their layers, in words. */
  layers: string;
  projection: HeadBuilder;
  prediction?: HeadBuilder;
}

/** Linear without bias, batch norm, ReLU, linear with bias. */
const byolHead: HeadBuilder = (random, { ins, hidden, outs }, trainable) =>
  new Sequential([
    ['layers.0', new Linear(random, ins, hidden, { bias: false, trainable })],
    ['layers.1', new RowBatchNorm({ channels: hidden, relu: true, trainable })],
    ['layers.3', new Linear(random, hidden, outs, { bias: true, trainable })],
  ]);

/** Linear, ReLU, linear, both with bias; no batch norm. */
const mocoHead: HeadBuilder = (random, { ins, hidden, outs }, trainable) =>
  new Sequential([
    ['layers.0', new Linear(random, ins, hidden, { bias: true, trainable })],
    ['layers.1', new Relu()],
    ['layers.2', new Linear(random, hidden, outs, { bias: true, trainable })],
  ]);

/** Two layers without bias, each with batch norm, and a ReLU between them. */
const simclrHead: HeadBuilder = (random, { ins, hidden, outs }, trainable) =>
  new Sequential([
    ['layers.0', new Linear(random, ins, hidden, { bias: false, trainable })],
    ['layers.1', new RowBatchNorm({ channels: hidden, relu: true, trainable })],
    ['layers.3', new Linear(random, hidden, outs, { bias: false, trainable })],
    ['layers.4', new RowBatchNorm({ channels: outs, relu: false, trainable })],
  ]);

/** Three layers without bias, each with batch norm, and ReLUs between them. */
const threeLayers = (name: (index: number) => string, affine: boolean): HeadBuilder => {
  return (random, { ins, hidden, outs }, trainable) =>
    new Sequential([
      [name(0), new Linear(random, ins, hidden, { bias: false, trainable })],
      [name(1), new RowBatchNorm({ channels: hidden, relu: true, trainable })],
      [name(3), new Linear(random, hidden, hidden, { bias: false, trainable })],
      [name(4), new RowBatchNorm({ channels: hidden, relu: true, trainable })],
      [name(6), new Linear(random, hidden, outs, { bias: false, trainable })],
      [name(7), new RowBatchNorm({ channels: outs, relu: false, affine, trainable })],
    ]);
};

/** Two layers without bias, each with batch norm (the last without scale and offset), a ReLU between them. */
const snclrPrediction: HeadBuilder = (random, { ins, hidden, outs }, trainable) =>
  new Sequential([
    ['0', new Linear(random, ins, hidden, { bias: false, trainable })],
    ['1', new RowBatchNorm({ channels: hidden, relu: true, trainable })],
    ['3', new Linear(random, hidden, outs, { bias: false, trainable })],
    ['4', new RowBatchNorm({ channels: outs, relu: false, affine: false, trainable })],
  ]);

/** BYOL, MSF, CMSF, UnMix and MNN. */
export const byolHeads: Heads = {
  name: 'BYOL',
  layers: 'projection and prediction: linear, BN, ReLU, linear + bias',
  projection: byolHead,
  prediction: byolHead,
};

/** MoCo v2, ReSSL and SCE. */
export const mocoHeads: Heads = {
  name: 'MoCo',
  layers: 'projection: linear + bias, ReLU, linear + bias',
  projection: mocoHead,
};

export const simclrHeads: Heads = {
  name: 'SimCLR',
  layers: 'projection: linear, BN, ReLU, linear, BN',
  projection: simclrHead,
};

export const nnclrHeads: Heads = {
  name: 'NNCLR',
  layers: 'projection: 3 linear with BN, 2 ReLU; prediction: linear, BN, ReLU, linear + bias',
  projection: threeLayers((index) => `layers.${index}`, true),
  prediction: byolHead,
};

export const snclrHeads: Heads = {
  name: 'SNCLR',
  layers:
    'projection: 3 linear with BN, 2 ReLU; prediction: linear, BN, ReLU, linear, BN; last BN without affine',
  projection: threeLayers(String, false),
  prediction: snclrPrediction,
};
