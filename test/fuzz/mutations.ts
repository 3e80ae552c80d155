import type { Random } from '../../lib/random';

/** A damaged copy of a valid file's bytes. */
export function mutate(bytes: Buffer, random: Random): Buffer {
  const text = random.uniform() < 0.5 ? swapJsonValue(bytes.toString('utf8'), random) : undefined;
  if (text !== undefined) return Buffer.from(text);
  const kinds = [flipBits, truncate, extend, splice, overwriteNumber, blank];
  return pick(kinds, random)(Buffer.from(bytes), random);
}

function index(length: number, random: Random): number {
  return Math.min(length - 1, Math.floor(random.uniform() * length));
}

export function pick<T>(items: readonly T[], random: Random): T {
  return items[index(items.length, random)];
}

function flipBits(bytes: Buffer, random: Random): Buffer {
  if (bytes.length === 0) return bytes;
  for (let flips = 1 + index(8, random); flips > 0; flips--)
    bytes[index(bytes.length, random)] ^= 1 << index(8, random);
  return bytes;
}

function truncate(bytes: Buffer, random: Random): Buffer {
  return bytes.subarray(0, index(bytes.length + 1, random));
}

function extend(bytes: Buffer, random: Random): Buffer {
  return Buffer.concat([bytes, bytes.subarray(0, index(bytes.length + 1, random))]);
}

/** A piece is put in another place, over what stands there or between it. */
function splice(bytes: Buffer, random: Random): Buffer {
  const from = index(bytes.length + 1, random);
  const piece = bytes.subarray(from, from + index(64, random));
  const at = index(bytes.length + 1, random);
  const skip = random.uniform() < 0.5 ? piece.length : 0;
  return Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at + skip)]);
}

/** As a length or an offset would be, mostly near the beginning. */
function overwriteNumber(bytes: Buffer, random: Random): Buffer {
  if (bytes.length < 8) return bytes;
  const at = index(random.uniform() < 0.5 ? 8 : bytes.length - 7, random);
  const number = pick(
    [0n, 1n, 7n, 255n, 2n ** 31n - 1n, 2n ** 31n, 2n ** 53n, 2n ** 63n, 2n ** 64n - 1n],
    random,
  );
  bytes.writeBigUInt64LE(number, Math.min(at, bytes.length - 8));
  return bytes;
}

function blank(bytes: Buffer, random: Random): Buffer {
  const from = index(bytes.length + 1, random);
  return bytes.fill(pick([0, 0xff, 0x20], random), from, Math.min(bytes.length, from + index(256, random)));
}

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
  for (let swaps = 1 + index(3, random); swaps > 0; swaps--) {
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
