import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { Kernels } from '../kernels/kernels';
import type { WasmModule } from './backend';
import type { ThreadPool } from './pool';
import { address, empty, withScratch } from './tensors';

/** Places of a transformed tile, which has 4x4 outputs. */
const places = 36;
/** Values that all shares of a filter gradient together may take. */
const shareValues = 8e6;

/**
 * Whether Winograd's algorithm applies and pays: 3x3, stride 1, a margin of 1, channels that fill the registers and
 * are more than 8, so that products and not transforms take the time, and an image that fills more than a quarter
 * of a tile.
 */
export function suitsWinograd(
  [size, , ins, outs]: Tensor4D['shape'],
  [, height, width]: Tensor4D['shape'],
  stride: number,
  padding: number,
): boolean {
  const shape = size === 3 && stride === 1 && padding === 1;
  return shape && ins % 8 === 0 && outs % 8 === 0 && ins * outs > 64 && height > 2 && width > 2;
}

/** Convolutions for which `suitsWinograd` holds; see assembly/winograd.ts. */
export function winogradConvolutions(
  module: WasmModule,
  pool: ThreadPool,
): Pick<Kernels, 'conv2d' | 'conv2dInputGradient' | 'conv2dFilterGradient'> {
  /** The convolution of x with the filter [3, 3, ins, outs] at an address. */
  function convolve(x: Tensor4D, filter: number, outs: number): Tensor4D {
    const [batch, height, width, ins] = x.shape;
    const y = empty<Tensor4D>([batch, height, width, outs]);
    const tiles = batch * Math.ceil(height / 4) * Math.ceil(width / 4);
    const perTask = Math.min(roundUp4(tiles), ins + outs <= 128 ? 32 : 64);
    const panelBytes = 4 * places * ins * outs;
    const room = pool.compiled.winogradRoom(perTask, ins, outs);
    withScratch(module, panelBytes + room * pool.threads, (panels) => {
      const scratch = panels + panelBytes;
      pool.run('winogradFilter', outs / 8, filter, panels, ins, outs, scratch, room);
      pool.run(
        'winogradConvolve',
        Math.ceil(tiles / perTask),
        ...[address(x), panels, address(y), batch, height, width, ins, outs, perTask, scratch, room],
      );
    });
    return y;
  }

  return {
    conv2d: (x, filter) => convolve(x, address(filter), filter.shape[3]),
    // The convolution of the output gradient with the turned filter.
    conv2dInputGradient(dy, filter) {
      const [, , ins, outs] = filter.shape;
      let dx: Tensor4D | undefined;
      withScratch(module, 4 * filter.size, (turned) => {
        pool.run('turnFilter', 9, address(filter), turned, 9, ins, outs);
        dx = convolve(dy, turned, ins);
      });
      return dx!;
    },
    conv2dFilterGradient(x, dy, filterShape) {
      const [batch, height, width, ins] = x.shape;
      const outs = dy.shape[3];
      const dw = empty<Tensor4D>(filterShape);
      const shares = Math.min(16, Math.max(1, Math.floor(shareValues / (places * ins * outs))));
      const outsPerTask = Math.min(outs, 128);
      // As many tiles that sums are read and written no more often than factors.
      const perBlock = Math.max(32, Math.min(ins, outs) / 2);
      const partialBytes = 4 * shares * places * ins * outs;
      const room = pool.compiled.winogradRoom(perBlock, ins, Math.max(ins, outs));
      withScratch(module, partialBytes + room * pool.threads, (partial) => {
        const scratch = partial + partialBytes;
        const shape = [batch, height, width, ins, outs];
        pool.run(
          'winogradFilterGradient',
          shares * Math.ceil(outs / outsPerTask),
          ...[address(x), address(dy), partial, ...shape, shares, outsPerTask, perBlock, scratch, room],
        );
        pool.run('winogradAddShares', ins, partial, address(dw), ins, outs, shares, scratch, room);
      });
      return dw;
    },
  };
}

function roundUp4(n: number): number {
  return Math.ceil(n / 4) * 4;
}
