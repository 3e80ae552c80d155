import type { Random } from '../../lib/core/random';
import { randomStream } from '../../lib/core/random';
import type { Images } from '../../lib/data/dataset';
import { golden, goldenBytes } from '../golden';

const transforms = golden('transforms');

/** The fixture's 32, 64 or 96 pixel image, a fresh copy. */
export function goldenImage(size: 32 | 64 | 96): Uint8Array {
  return goldenBytes(transforms[`image${size}`]);
}

/** A copy of `image` after an operation that works in place. */
export function changed(image: Uint8Array, operation: (copy: Uint8Array) => void): Uint8Array {
  const copy = image.slice();
  operation(copy);
  return copy;
}

/** Images of noise. */
export function noiseImages(count: number, size: number, seed = 7): Images {
  const random = randomStream(seed, 'dataset');
  return {
    count,
    size,
    pixels: Uint8Array.from({ length: count * size * size * 3 }, () => random.integer(0, 255)),
  };
}

/** Images as a file of stored ones has them: per image three planes, each column by column. */
export function columnPlanes({ size, pixels }: Images): Uint8Array {
  const plane = size * size;
  return pixels.map((_, i) => {
    const [image, channel, place] = [Math.floor(i / (3 * plane)), Math.floor(i / plane) % 3, i % plane];
    const [x, y] = [Math.floor(place / size), place % size];
    return pixels[image * 3 * plane + 3 * (y * size + x) + channel];
  });
}

/** A Random whose next uniform numbers are given as shares of the asked range; integers are the least. */
export function scripted(shares: number[]): Random {
  const queue = shares.slice();
  return {
    uniform: (from = 0, to = 1) => from + (to - from) * queue.shift()!,
    integer: (from) => from,
    normal: () => 0,
  };
}
