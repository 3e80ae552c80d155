import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { Kernels } from '../kernels/kernels';
import type { WasmModule } from './backend';
import type { ThreadPool } from './pool';
import { address, empty, withScratch } from './tensors';
import { suitsWinograd, winogradConvolutions } from './winograd';

type Convolutions = Pick<Kernels, 'conv2d' | 'conv2dInputGradient' | 'conv2dFilterGradient'>;

/** Output pixels that one task of a convolution takes at least, and one block of a filter gradient at most. */
const pixelsPerTask = 64;
const pixelsPerBlock = 128;
/** Output pixels of a sample below which a filter gradient gathers the pixels of several samples. */
const fewestPixels = 8;
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
  /** The convolution of x with the filter [size, size, ins, outs] at an address. */
  function convolve(
    x: Tensor4D,
    filter: number,
    size: number,
    outs: number,
    stride: number,
    padding: number,
  ): Tensor4D {
    const [batch, height, width, ins] = x.shape;
    const [outHeight, outWidth] = [height, width].map(
      (n) => Math.floor((n + 2 * padding - size) / stride) + 1,
    );
    const y = empty<Tensor4D>([batch, outHeight, outWidth, outs]);
    const pixels = outHeight * outWidth;
    const samplesPerTask = Math.ceil(pixelsPerTask / pixels);
    const depth = size * size * ins;
    const panelBytes = 4 * depth * roundUp(outs, 8);
    const room = roundUp(128 + 4 * (pixels + samplesPerTask * paddedLength(x.shape, padding)), 16);
    withScratch(module, panelBytes + room * pool.threads, (panels) => {
      pool.run('packPanel', roundUp(outs, 8) / 8, filter, panels, depth, outs, 4 * outs, 4);
      const geometry = [height, width, ins, outHeight, outWidth, outs, size, stride, padding];
      pool.run(
        'convolve',
        Math.ceil(batch / samplesPerTask),
        ...[address(x), panels, address(y), batch, ...geometry, samplesPerTask, panels + panelBytes, room],
      );
    });
    return y;
  }

  return {
    conv2d(x, filter, stride, padding) {
      const [size, , , outs] = filter.shape;
      return convolve(x, address(filter), size, outs, stride, padding);
    },
    conv2dInputGradient(dy, filter, inputShape, stride, padding) {
      const [size, , ins, outs] = filter.shape;
      if (stride !== 1 || padding >= size)
        return spreadInputGradient(dy, filter, inputShape, stride, padding);
      let dx: Tensor4D | undefined;
      withScratch(module, 4 * filter.size, (turned) => {
        pool.run('turnFilter', size * size, address(filter), turned, size * size, ins, outs);
        dx = convolve(dy, turned, size, ins, 1, size - 1 - padding);
      });
      return dx!;
    },
    conv2dFilterGradient(x, dy, filterShape, stride, padding) {
      const [batch, height, width, ins] = x.shape;
      const [, outHeight, outWidth, outs] = dy.shape;
      const [size] = filterShape;
      const dw = empty<Tensor4D>(filterShape);
      const [rows, columns] = [roundUp(size * size * ins, 4), roundUp(outs, 8)];
      const bySamples = columns === outs && outHeight * outWidth >= fewestPixels;
      const shares = Math.min(16, Math.max(1, Math.floor(shareValues / (rows * columns))));
      const partialBytes = 4 * shares * rows * columns;
      const room = bySamples
        ? 4 * roundUp(rows + paddedLength(x.shape, padding), 4)
        : 4 * pixelsPerBlock * (rows + columns);
      withScratch(module, partialBytes + room * pool.threads, (partial) => {
        const geometry = [height, width, ins, outHeight, outWidth, outs, size, stride, padding];
        const given = [address(x), address(dy), partial, batch, shares, ...geometry];
        const scratch = partial + partialBytes;
        if (bySamples) pool.run('filterGradientOfSamples', shares, ...given, scratch, room);
        else pool.run('filterGradient', shares, ...given, pixelsPerBlock, scratch, room);
        pool.run('addShares', size * size * ins, partial, address(dw), shares, outs, rows, columns);
      });
      return dw;
    },
  };

  /** The input gradient for a stride: what each output pixel gives is added to the pixels that it meets. */
  function spreadInputGradient(
    ...[dy, filter, inputShape, stride, padding]: Parameters<Kernels['conv2dInputGradient']>
  ): Tensor4D {
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
  }
}

/** Values of a sample with its margin. */
function paddedLength([, height, width, channels]: Tensor4D['shape'], padding: number): number {
  return (height + 2 * padding) * (width + 2 * padding) * channels;
}

function roundUp(n: number, to: number): number {
  return Math.ceil(n / to) * to;
}
