// How much of a processor's matrix peak a training step can use: what its products are, and how many of them are left
// when a fast algorithm computes its convolutions.
import type { RunConfig } from '../lib/config/run-config';
import { blockPlan, hasShortcut, paperStem } from '../lib/models/resnet18';

/** Multiply-adds per image. */
export interface MultiplyAdds {
  /** As convolutions are defined. */
  direct: number;
  /** What Winograd's F(4x4, 3x3) leaves: 36 products for 144 in 3x3 convolutions of stride 1. */
  winograd: number;
}

/** The part of Winograd's products in those of a direct 3x3 convolution. */
const winogradPart = 36 / 144;

/**
 * Multiply-adds of a training step of MNN (paper section 3) for one image: for both of its views the student's forward
 * pass with both gradients and the teacher's forward pass, heads and nearest neighbors included. The transforms of
 * Winograd's algorithm, batch norm and updates are not counted: they are not matrix products.
 */
export function stepMultiplyAdds({ model, training, options }: RunConfig): MultiplyAdds {
  const { width, hidden, dim } = model;
  const sum: MultiplyAdds = { direct: 0, winograd: 0 };
  /** A product that is computed `times` times for each view. */
  const add = (products: number, times: number, winograd = false) => {
    sum.direct += 2 * times * products;
    sum.winograd += 2 * times * products * (winograd ? winogradPart : 1);
  };
  // The student's forward pass and both gradients, and the teacher's forward pass.
  const times = 4;
  let pixels = (training.cropSize / paperStem.stride) ** 2;
  // Nothing needs the gradient of the image.
  add(pixels * paperStem.size ** 2 * 3 * width, times - 1, paperStem.stride === 1);
  for (const block of blockPlan(width)) {
    const { ins, outs, stride } = block;
    pixels /= stride ** 2;
    add(pixels * 9 * ins * outs, times, stride === 1);
    add(pixels * 9 * outs * outs, times, true);
    if (hasShortcut(block)) add(pixels * ins * outs, times);
  }
  add(8 * width * hidden + hidden * dim, times);
  // The student's prediction head, and the similarities of the teacher's keys to the memory bank.
  add(dim * hidden + hidden * dim, times - 1);
  add(Number(options.memoryBank) * dim, 1);
  return sum;
}
