import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';

/** A seeded source of random numbers. */
export interface Random {
  /** A uniform number in [from, to), by default [0, 1). */
  uniform(from?: number, to?: number): number;
  /** A uniform integer in [from, to], both ends included. */
  integer(from: number, to: number): number;
  /** A standard normal number (Box-Muller, whose second number is kept for the next call). */
  normal(): number;
}

/** What a stream of random numbers is for. Streams of different purposes never share numbers. */
export type Purpose =
  | 'init'
  | 'order'
  | 'augment'
  | 'lambda'
  | 'shuffle'
  | 'memory-bank'
  | 'mix'
  | 'linear-init'
  | 'linear-order'
  | 'linear-augment'
  | 'subset'
  | 'dataset'
  | 'projection'
  | 'bootstrap';

/**
 * The stream of random numbers for one purpose at one place of a run, for example
 * `randomStream(1339, 'augment', epoch, image, view)`.
 *
 * Streams depend on their arguments alone. A resumed run therefore draws what the unbroken run would have
 * drawn without any generator state being saved, and worker threads need no agreement about order.
 */
export function randomStream(seed: number, purpose: Purpose, ...counters: number[]): Random {
  const generator = xoroshiro128plus(hashKey(seed, purpose, counters));
  // The first outputs of nearby seeds are related; eight steps spread them.
  for (let i = 0; i < 8; i++) generator.next();
  return new Stream(generator);
}

class Stream implements Random {
  private spare: number | undefined;

  constructor(private readonly generator: RandomGenerator) {}

  uniform(from = 0, to = 1): number {
    return from + (to - from) * uniformFloat64(this.generator);
  }

  integer(from: number, to: number): number {
    return uniformInt(this.generator, from, to);
  }

  normal(): number {
    if (this.spare !== undefined) {
      const value = this.spare;
      this.spare = undefined;
      return value;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    const angle = 2 * Math.PI * this.uniform();
    this.spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }
}

/** A random permutation of 0..length-1 (Fisher-Yates). */
export function permutation(random: Random, length: number): Int32Array {
  const order = new Int32Array(length);
  for (let i = 0; i < length; i++) order[i] = i;
  for (let i = length - 1; i > 0; i--) {
    const j = random.integer(0, i);
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}

/** FNV-1a over the purpose's letters and the numbers, finished by MurmurHash3's mixer. */
function hashKey(seed: number, purpose: string, counters: number[]): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < purpose.length; i++) hash = mixIn(hash, purpose.charCodeAt(i));
  hash = mixIn(hash, seed);
  for (const counter of counters) hash = mixIn(hash, counter + 0x9e3779b9);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

function mixIn(hash: number, value: number): number {
  const mixed = Math.imul(hash ^ (value | 0), 0x01000193);
  return mixed ^ (mixed >>> 15);
}
