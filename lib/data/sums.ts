import { createHash, type Hash } from 'node:crypto';
import { createReadStream, readFileSync, statSync } from 'node:fs';

export interface Sums {
  bytes: number;
  md5: string;
  sha256?: string;
}

/** Takes a file's bytes as they come and gives their number and sums. */
export class SumOf {
  private bytes = 0;
  private readonly md5 = createHash('md5');
  private readonly sha256?: Hash;

  constructor({ sha256 = false } = {}) {
    if (sha256) this.sha256 = createHash('sha256');
  }

  add(chunk: Uint8Array): void {
    this.bytes += chunk.length;
    this.md5.update(chunk);
    this.sha256?.update(chunk);
  }

  result(): Sums {
    const sha256 = this.sha256?.digest('hex');
    return { bytes: this.bytes, md5: this.md5.digest('hex'), ...(sha256 && { sha256 }) };
  }
}

/** A file's bytes in pieces; a stream for each of many small files would take most of the time. */
export function piecesOf(path: string): Iterable<Buffer> | AsyncIterable<Buffer> {
  const piece = 1 << 20;
  return statSync(path).size <= piece
    ? [readFileSync(path)]
    : createReadStream(path, { highWaterMark: piece });
}

/** Reads a file piece by piece; `onBytes` hears of each. */
export async function fileSums(
  path: string,
  { sha256 = false, onBytes }: { sha256?: boolean; onBytes?: (count: number) => void } = {},
): Promise<Sums> {
  const sums = new SumOf({ sha256 });
  for await (const chunk of piecesOf(path)) {
    sums.add(chunk);
    onBytes?.(chunk.length);
  }
  return sums.result();
}

/** What differs from the published length and sums; undefined where nothing does. */
export function sumProblem(expected: Sums, found: Sums): string | undefined {
  if (found.bytes !== expected.bytes) return `${found.bytes} bytes, expected ${expected.bytes}`;
  if (found.md5 !== expected.md5) return `md5 ${found.md5}, expected ${expected.md5}`;
  if (expected.sha256 && found.sha256 !== expected.sha256) {
    return `sha256 ${found.sha256}, expected ${expected.sha256}`;
  }
  return undefined;
}
