import type { Random } from '../../lib/core/random';

/** From a byte to the one before another. */
export type Stretch = [from: number, to: number];

/** How a file is damaged. */
export interface Damage {
  /** Stretches in which it does most, such as headers, pickles and directories: most changes are made there. */
  structure?: Stretch[];
  /** Whether nothing may be cut off, taken out or put in. */
  sameLength?: boolean;
}

/** A damaged copy of a valid file's bytes: of JSON often other values, else one to four changes to the bytes. */
export function mutate(bytes: Buffer, random: Random, { structure, sameLength }: Damage = {}): Buffer {
  const text =
    !sameLength && random.uniform() < 0.5 ? swapJsonValue(bytes.toString('utf8'), random) : undefined;
  if (text !== undefined) return Buffer.from(text);
  const changes = sameLength ? changesInPlace : [...changesInPlace, ...changesOfLength];
  let damaged: Buffer = Buffer.from(bytes);
  for (let count = pick([1, 1, 2, 4], random); count > 0; count--) {
    const place = () => placeIn(damaged.length, structure, random);
    damaged = pick(changes, random)(damaged, place, random);
  }
  return damaged;
}

export function pick<T>(items: readonly T[], random: Random): T {
  return items[random.integer(0, items.length - 1)];
}

/** A place where bytes are, or their end. */
function placeIn(length: number, structure: Stretch[] = [], random: Random): number {
  const whole: Stretch = [0, length + 1];
  const [from, to] = structure.length > 0 && random.uniform() < 0.85 ? pick(structure, random) : whole;
  return Math.min(length, random.integer(from, to - 1));
}

type Change = (bytes: Buffer, place: () => number, random: Random) => Buffer;

const flipBit: Change = (bytes, place, random) => {
  const at = place();
  if (at < bytes.length) bytes[at] ^= 1 << random.integer(0, 7);
  return bytes;
};

const otherByte: Change = (bytes, place, random) => {
  stretch(bytes, place(), 1).fill(random.integer(0, 255));
  return bytes;
};

const blank: Change = (bytes, place, random) => {
  stretch(bytes, place(), random.integer(0, 255)).fill(pick([0, 0xff, 0x20], random));
  return bytes;
};

const stretch = (bytes: Buffer, from: number, length: number) => bytes.subarray(from, from + length);

/** As lengths and offsets are that go wrong most. */
const numbers = [
  0n,
  1n,
  7n,
  255n,
  2n ** 31n - 1n,
  2n ** 31n,
  2n ** 32n - 1n,
  2n ** 53n,
  2n ** 63n,
  2n ** 64n - 1n,
];

const otherNumber: Change = (bytes, place, random) => {
  const number = Buffer.alloc(8);
  number.writeBigUInt64LE(pick(numbers, random));
  number.copy(bytes, place(), 0, pick([4, 8], random));
  return bytes;
};

const piece: Change = (bytes, place, random) => Buffer.from(stretch(bytes, place(), random.integer(1, 64)));

const overwrite: Change = (bytes, place, random) => {
  piece(bytes, place, random).copy(bytes, place());
  return bytes;
};

const changesInPlace = [flipBit, otherByte, otherNumber, blank, overwrite];

const cutOff: Change = (bytes, place, random) =>
  bytes.subarray(0, pick([place(), Math.max(0, bytes.length - random.integer(1, 64))], random));

const takeOut: Change = (bytes, place, random) => {
  const at = place();
  return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + random.integer(1, 40))]);
};

const putIn: Change = (bytes, place, random) => {
  const at = place();
  return Buffer.concat([bytes.subarray(0, at), piece(bytes, place, random), bytes.subarray(at)]);
};

const extend: Change = (bytes, place) => Buffer.concat([bytes, bytes.subarray(0, place())]);

const changesOfLength = [cutOff, takeOut, putIn, extend];

const strange: unknown[] = [
  ...[null, true, false, 0, -1, 0.5, 1e308, -1e308, 2 ** 31, 2 ** 53, 1e-320],
  ...['', ' ', 'x'.repeat(5000), '../../../etc/passwd', '\u0000', '𝕏', 'NaN', '__proto__', '1e999'],
  ...[[], {}, [[]], [null], { length: -1 }, Array(1000).fill(0)],
];

/** A value somewhere in the document becomes another, goes, or is doubled; undefined where it is no document. */
function swapJsonValue(text: string, random: Random): string | undefined {
  let root: unknown;
  try {
    root = { root: JSON.parse(text) };
  } catch {
    return undefined;
  }
  const places = containers(root);
  for (let swaps = random.integer(1, 3); swaps > 0; swaps--) {
    const place = pick(places, random);
    const keys = Object.keys(place);
    if (keys.length === 0) continue;
    const key = pick(keys, random);
    const kind = random.uniform();
    if (kind < 0.7) place[key] = pick(strange, random);
    else if (kind < 0.85) place[`${key}x`] = place[key];
    else if (place !== root) delete place[key];
  }
  return JSON.stringify((root as { root: unknown }).root) ?? '';
}

function containers(value: unknown): Record<string, unknown>[] {
  if (typeof value !== 'object' || value === null) return [];
  return [value as Record<string, unknown>, ...Object.values(value).flatMap(containers)];
}
