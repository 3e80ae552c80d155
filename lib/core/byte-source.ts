import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { UserError } from './errors';

/** Bytes that can be read at any place, without holding all of them in memory. */
export interface ByteSource {
  /** What messages call it. */
  name: string;
  size: number;
  /** @throws UserError where the source ends before `from + length`. */
  read(from: number, length: number): Buffer;
}

export function bufferSource(bytes: Uint8Array, name: string): ByteSource {
  const whole = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return {
    name,
    size: whole.length,
    read: (from, length) => {
      checkRange(name, whole.length, from, length);
      return whole.subarray(from, from + length);
    },
  };
}

/**
 * Opens a file for the time that `use` takes.
 * @throws UserError that names the file where it cannot be read.
 */
export async function withFile<T>(path: string, use: (source: ByteSource) => Promise<T>): Promise<T> {
  const file = openOrExplain(path);
  try {
    const status = fstatSync(file);
    const read = (from: number, length: number): Buffer => {
      checkRange(path, status.size, from, length);
      const bytes = Buffer.alloc(length);
      for (let done = 0; done < length; ) {
        const count = readSync(file, bytes, done, Math.min(length - done, 2 ** 30), from + done);
        if (count === 0) throw new UserError(`${path} became shorter while it was read.`);
        done += count;
      }
      return bytes;
    };
    return await use({ name: path, size: status.size, read });
  } finally {
    closeSync(file);
  }
}

function openOrExplain(path: string): number {
  try {
    // Looked at first: opening a pipe would wait for its other end.
    if (statSync(path).isFile()) return openSync(path, 'r');
  } catch (error) {
    throw new UserError(`Cannot read ${path} (${(error as NodeJS.ErrnoException).code}). Check the path.`);
  }
  throw new UserError(`${path} is no file.`);
}

function checkRange(name: string, size: number, from: number, length: number): void {
  if (from >= 0 && length >= 0 && from + length <= size) return;
  throw new UserError(
    `${name} is cut off: it ends at byte ${size}, and ${length} bytes from ${from} on are needed.`,
  );
}

/**
 * Text out of a file, for a message: short, and without what a terminal would obey or what hides other letters. Names
 * in any script stay as they are.
 */
export function printable(text: string): string {
  // Of the invisible ones, two join and part letters in Persian and Hindi.
  const clean = [...text.replace(/(?![\u200c\u200d])[\p{C}\p{Zl}\p{Zp}]/gu, '?')];
  return clean.length > 80 ? `${clean.slice(0, 80).join('')}...` : clean.join('');
}
