import { type Random, randomStream } from '../../lib/random';

/** A valid file to mutate, and the stretches of it in which mutations do most: headers, pickles, directories. */
export interface Seed {
  bytes: Buffer;
  /** [from, to) */
  structure: [number, number][];
}

/** Values of length and offset fields that go wrong most. */
const lengths = [0n, 1n, 2n ** 31n - 1n, 2n ** 31n, 2n ** 32n - 1n, 2n ** 53n, 2n ** 63n, 2n ** 64n - 1n];

/**
 * The mutant number `index`: always the same for the same seeds. One to four changes to one of them.
 * @param sameLength whether nothing may be cut off, taken out or put in.
 */
export function mutant(seeds: readonly Seed[], index: number, sameLength = false): Buffer {
  const random = randomStream(index, 'mix');
  const seed = pick(random, seeds);
  let bytes: Buffer = Buffer.from(seed.bytes);
  for (let changes = pick(random, [1, 1, 2, 4]); changes > 0; changes--)
    bytes = change(bytes, seed, random, sameLength ? 4 : 7);
  return bytes;
}

function change(bytes: Buffer, seed: Seed, random: Random, kinds: number): Buffer {
  const at = place(bytes, seed, random);
  switch (random.integer(0, kinds)) {
    case 0: // a bit
      if (at < bytes.length) bytes[at] ^= 1 << random.integer(0, 7);
      return bytes;
    case 1: // a byte
      if (at < bytes.length) bytes[at] = random.integer(0, 255);
      return bytes;
    case 2: // a length field of 4 bytes
      if (at + 4 <= bytes.length) bytes.writeUInt32LE(Number(pick(random, lengths) & 0xffffffffn), at);
      return bytes;
    case 3: // of 8
      if (at + 8 <= bytes.length) bytes.writeBigUInt64LE(pick(random, lengths), at);
      return bytes;
    case 4: // a piece from elsewhere over it
      piece(bytes, seed, random).copy(bytes, at);
      return bytes;
    case 5: // cut off
      return bytes.subarray(0, random.integer(0, 1) ? at : Math.max(0, bytes.length - random.integer(1, 64)));
    case 6: // a piece taken out
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + random.integer(1, 40))]);
    default: // or put in
      return Buffer.concat([bytes.subarray(0, at), piece(bytes, seed, random), bytes.subarray(at)]);
  }
}

function piece(bytes: Buffer, seed: Seed, random: Random): Buffer {
  const from = place(bytes, seed, random);
  return Buffer.from(bytes.subarray(from, from + random.integer(1, 60)));
}

function place(bytes: Buffer, { structure }: Seed, random: Random): number {
  const stretches: [number, number][] =
    random.uniform() < 0.85 && structure.length > 0 ? structure : [[0, bytes.length]];
  const [from, to] = pick(random, stretches);
  return Math.min(bytes.length, random.integer(from, Math.max(from, to - 1)));
}

function pick<T>(random: Random, values: readonly T[]): T {
  return values[random.integer(0, values.length - 1)];
}
