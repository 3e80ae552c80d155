import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { Kernels } from '../kernels/kernels';
import type { WasmModule } from './backend';
import type { ThreadPool } from './pool';
import { address, empty, withScratch } from './tensors';
import { suitsWinograd, winogradConvolutions } from './winograd';

type Convolutions = Pick<Kernels, 'conv2d' | 'conv2dInputGradient' | 'conv2dFilterGradient'>;

/** Output pixels that one task of a convolution, and one block of a filter gradient, take. */
const pixelsPerTask = 64;
const pixelsPerBlock = 128;
/** Values that all shares of a filter gradient together may take. */
const shareValues = 8e6;

/** Convolutions by Winograd's algorithm where that applies, else as products with gathered pixels. */
export function convolutions(module: WasmModule, pool: ThreadPool): Convolutions {
  const winograd = winogradConvolutions(module, pool);
  const direct = directConvolutions(module, pool);
  const choose = (...geometry: Parameters<typeof suitsWinograd>) =>
    suitsWinograd(...geometry) ? winograd : direct;
  return {
    conv2d: (x, filter, stride, padding) =>
      choose(filter.shape, x.shape, stride, padding).conv2d(x, filter, stride, padding),
    conv2dInputGradient: (dy, filter, shape, stride, padding) =>
      choose(filter.shape, shape, stride, padding).conv2dInputGradient(dy, filter, shape, stride, padding),
    conv2dFilterGradient: (x, dy, shape, stride, padding) =>
      choose(shape, x.shape, stride, padding).conv2dFilterGradient(x, dy, shape, stride, padding),
  };
}

function directConvolutions(module: WasmModule, pool: ThreadPool): Convolutions {
  return {
    conv2d(x, filter, stride, padding) {
      const [batch, height, width, ins] = x.shape;
      const [size, , , outs] = filter.shape;
      const [outHeight, outWidth] = [height, width].map(
        (n) => Math.floor((n + 2 * padding - size) / stride) + 1,
      );
      const y = empty<Tensor4D>([batch, outHeight, outWidth, outs]);
      const depth = size * size * ins;
      const columns = roundUp(outs, 8);
      const room = 4 * pixelsPerTask * (depth + columns);
      withScratch(module, 4 * depth * columns + room * pool.threads, (panels) => {
        pool.run('packPanel', columns / 8, address(filter), panels, depth, outs, 4 * outs, 4);
        const geometry = [height, width, ins, outHeight, outWidth, outs, size, stride, padding];
        const scratch = panels + 4 * depth * columns;
        pool.run(
          'convolve',
          Math.ceil((batch * outHeight * outWidth) / pixelsPerTask),
          ...[address(x), panels, address(y), batch, ...geometry, pixelsPerTask, scratch, room],
        );
      });
      return y;
    },
    conv2dInputGradient(dy, filter, inputShape, stride, padding) {
      const [batch, height, width, ins] = inputShape;
      const [, outHeight, outWidth, outs] = dy.shape;
      const [size] = filter.shape;
      const dx = empty<Tensor4D>(inputShape);
      const length = size * size * ins;
      const columns = roundUp(length, 8);
      const room = 4 * pixelsPerTask * (outs + columns);
      withScratch(module, 4 * outs * columns + room * pool.threads, (panels) => {
        pool.run('packPanel', columns / 8, address(filter), panels, outs, length, 4, 4 * outs);
        const geometry = [height, width, ins, outHeight, outWidth, outs, size, stride, padding];
        const scratch = panels + 4 * outs * columns;
        pool.run(
          'inputGradient',
          batch,
          ...[address(dy), panels, address(dx), ...geometry, pixelsPerTask, scratch, room],
        );
      });
      return dx;
    },
    conv2dFilterGradient(x, dy, filterShape, stride, padding) {
      const [batch, height, width, ins] = x.shape;
      const [, outHeight, outWidth, outs] = dy.shape;
      const [size] = filterShape;
      const dw = empty<Tensor4D>(filterShape);
      const [rows, columns] = [roundUp(size * size * ins, 4), roundUp(outs, 8)];
      const shares = Math.min(16, Math.max(1, Math.floor(shareValues / (rows * columns))));
      const partialBytes = 4 * shares * rows * columns;
      const room = 4 * pixelsPerBlock * (rows + columns);
      withScratch(module, partialBytes + room * pool.threads, (partial) => {
        const geometry = [height, width, ins, outHeight, outWidth, outs, size, stride, padding];
        const scratch = partial + partialBytes;
        pool.run(
          'filterGradient',
          shares,
          ...[address(x), address(dy), partial, batch, shares, ...geometry, pixelsPerBlock, scratch, room],
        );
        pool.run('addShares', size * size * ins, partial, address(dw), shares, outs, rows, columns);
      });
      return dw;
    },
  };
}

function roundUp(n: number, to: number): number {
  return Math.ceil(n / to) * to;
}
