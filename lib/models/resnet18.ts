import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import type { Random } from '../core/random';
import { currentEngine, tf } from '../engine';
import { fanInUniform, kaimingNormal } from './initializers';
import { ConvBatchNorm } from './layers';
import {
  type AddGradient,
  keepForBackward,
  type Layer,
  type NamedVariables,
  type Output,
  type Pass,
  prefixed,
} from './network';

/** The first convolution: a square filter of `size` pixels, its stride, and pixels of padding on every side. */
export interface StemConvolution {
  size: number;
  stride: number;
  padding: number;
}

/** The paper's, for small images: 3x3 at stride 1. */
export const paperStem: StemConvolution = { size: 3, stride: 1, padding: 1 };

export interface ResNetSettings {
  /** Channels of the first stage; the stages have 1, 2, 4 and 8 times as many. 64 in the paper. */
  width: number;
  /** 3x3 max pooling of stride 2 after the first convolution; in the paper for 64-pixel images. */
  maxPool: boolean;
  /** Networks trained elsewhere may have another. Default: the paper's. */
  stem?: StemConvolution;
  /** Splits of the batch normalization; 8 in the paper. */
  bnSplits: number;
  trainable: boolean;
}

/** A convolution and batch norm of the network, under the names of torchvision's ResNet. */
type Unit = { conv: string; norm: string; layer: ConvBatchNorm };

/**
 * ResNet-18 for small images, as in the paper: torchvision's, with a first convolution of 3x3 at stride 1,
 * no fully connected layer, and split batch normalization. [batch, size, size, 3] -> [batch, 8 * width].
 */
export class ResNet18 implements Layer {
  readonly featureSize: number;
  private readonly stem: ConvBatchNorm;
  private readonly blocks: BasicBlock[] = [];
  private readonly units: Unit[] = [];

  constructor(
    random: Random,
    private readonly settings: ResNetSettings,
  ) {
    const { width, bnSplits, trainable, stem = paperStem } = settings;
    this.featureSize = 8 * width;
    // The authors replace this convolution after initializing the others, so it keeps PyTorch's default.
    const { size, stride, padding } = stem;
    const filter = fanInUniform(random, [size, size, 3, width], 3 * size ** 2, trainable);
    this.stem = new ConvBatchNorm(filter, stride, { splits: bnSplits, relu: true }, padding);
    this.units.push({ conv: 'conv1', norm: 'bn1', layer: this.stem });
    for (const { name, ...shape } of blockPlan(width)) {
      const block = new BasicBlock(random, { ...shape, bnSplits, trainable });
      this.blocks.push(block);
      for (const unit of block.units()) this.units.push(inBlock(name, unit));
    }
  }

  parameters(): NamedVariables {
    return unitParameters(this.units);
  }

  buffers(): NamedVariables {
    return prefixed(this.units.map(({ norm, layer }) => [norm, layer.norm.buffers()]));
  }

  forward(x: Tensor, pass: Pass): Output {
    const stem = this.stem.forward(x, pass);
    const pool = this.settings.maxPool ? maxPool(stem.y, pass) : undefined;
    let y = pool ? pool.y : stem.y;
    if (pool && !pass.recorded) stem.y.dispose();
    const backwards: NonNullable<Output['backward']>[] = [];
    for (const block of this.blocks) {
      const output = block.forward(y, pass);
      if (output.backward) backwards.push(output.backward);
      else y.dispose();
      y = output.y;
    }
    const maps = y as Tensor4D;
    const features = tf.mean(maps, [1, 2]);
    if (!pass.recorded) {
      maps.dispose();
      return { y: features };
    }
    return {
      y: features,
      backward: (dFeatures, add) => {
        const dMaps = spreadMean(dFeatures, maps.shape);
        dFeatures.dispose();
        const dBlocks = backwards.reduceRight((dy, back) => back(dy, add), dMaps);
        return stem.backward!(pool ? pool.backward!(dBlocks, add) : dBlocks, add, false).dx;
      },
    };
  }
}

/** Gradient of the mean over height and width. */
function spreadMean(dy: Tensor, [batch, height, width, channels]: Tensor4D['shape']): Tensor {
  return tf.tidy(() => {
    const share = tf.reshape(tf.div(dy, height * width), [batch, 1, 1, channels]);
    return tf.add(share, tf.zeros([1, height, width, 1]));
  });
}

function inBlock(prefix: string, { conv, norm, layer }: Unit): Unit {
  return { conv: `${prefix}.${conv}`, norm: `${prefix}.${norm}`, layer };
}

function unitParameters(units: Unit[]): NamedVariables {
  return prefixed(
    units.flatMap(({ conv, norm, layer }): [string, NamedVariables][] => [
      [conv, new Map([['weight', layer.filter]])],
      [norm, layer.norm.parameters()],
    ]),
  );
}

/** 3x3 max pooling of stride 2 with a margin of 1, as a layer. */
export function maxPool(x: Tensor, pass: Pass): Output {
  const { kernels } = currentEngine();
  const input = x as Tensor4D;
  const y = kernels.maxPool(input);
  if (!pass.recorded) return { y };
  keepForBackward(y);
  return {
    y,
    backward: (dy) => {
      const dx = kernels.maxPoolGradient(dy as Tensor4D, input, y);
      tf.dispose([dy, y]);
      return dx;
    },
  };
}

/** Where a block stands, by torchvision's name, and its channels in and out. */
export interface BlockPlan {
  name: string;
  ins: number;
  outs: number;
  stride: number;
}

/** The eight blocks of the network, in order. */
export function blockPlan(width: number): BlockPlan[] {
  const plan: BlockPlan[] = [];
  for (let stage = 0; stage < 4; stage++) {
    for (let index = 0; index < 2; index++) {
      const stride = stage > 0 && index === 0 ? 2 : 1;
      const outs = width * 2 ** stage;
      plan.push({ name: `layer${stage + 1}.${index}`, ins: plan.at(-1)?.outs ?? width, outs, stride });
    }
  }
  return plan;
}

/** Whether a block's shortcut is a convolution, since the shape changes on the way. */
export function hasShortcut({ ins, outs, stride }: Omit<BlockPlan, 'name'>): boolean {
  return stride !== 1 || ins !== outs;
}

export interface BlockSettings extends Omit<BlockPlan, 'name'> {
  bnSplits: number;
  trainable: boolean;
}

/** Two 3x3 convolutions and a shortcut around them, which is a 1x1 convolution where the shape changes. */
export class BasicBlock implements Layer {
  private readonly first: ConvBatchNorm;
  private readonly second: ConvBatchNorm;
  private readonly shortcut?: ConvBatchNorm;

  constructor(random: Random, { ins, outs, stride, bnSplits: splits, trainable }: BlockSettings) {
    const filter = (size: number, from: number) => kaimingNormal(random, [size, size, from, outs], trainable);
    this.first = new ConvBatchNorm(filter(3, ins), stride, { splits, relu: true });
    this.second = new ConvBatchNorm(filter(3, outs), 1, { splits, relu: true });
    if (hasShortcut({ ins, outs, stride })) {
      this.shortcut = new ConvBatchNorm(filter(1, ins), stride, { splits, relu: false });
    }
  }

  units(): Unit[] {
    const units = [
      { conv: 'conv1', norm: 'bn1', layer: this.first },
      { conv: 'conv2', norm: 'bn2', layer: this.second },
    ];
    if (this.shortcut) units.push({ conv: 'downsample.0', norm: 'downsample.1', layer: this.shortcut });
    return units;
  }

  parameters(): NamedVariables {
    return unitParameters(this.units());
  }

  buffers(): NamedVariables {
    return prefixed(this.units().map(({ norm, layer }) => [norm, layer.norm.buffers()]));
  }

  forward(x: Tensor, pass: Pass): Output {
    const inner = this.first.forward(x, pass);
    const around = this.shortcut?.forward(x, pass);
    const outer = this.second.forward(inner.y, pass, around ? around.y : x);
    // It has no ReLU, so its way back does not need it.
    around?.y.dispose();
    if (!pass.recorded) {
      inner.y.dispose();
      return { y: outer.y };
    }
    return {
      y: outer.y,
      backward: (dy, add) => this.backward(dy, add, inner.backward!, outer.backward!, around?.backward),
    };
  }

  private backward(dy: Tensor, add: AddGradient, inner: Way, outer: Way, around: Way | undefined): Tensor {
    const { dx: dInner, dResidual } = outer(dy, add);
    const through = inner(dInner, add).dx;
    const past = around ? around(dResidual!, add).dx : dResidual!;
    const dx = tf.add(through, past);
    tf.dispose([through, past]);
    return dx;
  }
}

type Way = NonNullable<ReturnType<ConvBatchNorm['forward']>['backward']>;
