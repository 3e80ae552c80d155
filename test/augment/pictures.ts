import type { Random } from '../../lib/core/random';
import { randomStream } from '../../lib/core/random';
import type { Images } from '../../lib/data/dataset';
import { golden, goldenBytes } from '../golden';

const transforms = golden('transforms');

/** The fixture's 32, 64 or 96 pixel picture, a fresh copy. */
export function goldenPicture(size: 32 | 64 | 96): Uint8Array {
  return goldenBytes(transforms[`image${size}`]);
}

/** A copy of `picture` after an operation that works in place. */
export function changed(picture: Uint8Array, operation: (copy: Uint8Array) => void): Uint8Array {
  const copy = picture.slice();
  operation(copy);
  return copy;
}

/** Pictures of noise. */
export function noiseImages(count: number, size: number, seed = 7): Images {
  const random = randomStream(seed, 'dataset');
  return {
    count,
    size,
    pixels: Uint8Array.from({ length: count * size * size * 3 }, () => random.integer(0, 255)),
  };
}

/** Pictures as a file of stored ones has them: per picture three planes, each column by column. */
export function columnPlanes({ size, pixels }: Images): Uint8Array {
  const plane = size * size;
  return pixels.map((_, i) => {
    const [picture, channel, place] = [Math.floor(i / (3 * plane)), Math.floor(i / plane) % 3, i % plane];
    const [x, y] = [Math.floor(place / size), place % size];
    return pixels[picture * 3 * plane + 3 * (y * size + x) + channel];
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
