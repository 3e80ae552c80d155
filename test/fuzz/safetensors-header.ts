import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Reader } from './fuzz';
import type { Stretch } from './mutations';

/** A safetensors file's header with its length, which stands before it. */
export function header(bytes: Buffer): Stretch {
  return [0, 8 + Number(bytes.readBigUInt64LE())];
}

/** Damages the header of a safetensors file alone, as the JSON that it is, and keeps its length right. */
export function headersOf(whole: Buffer, read: (file: string) => unknown): Reader {
  const end = header(whole)[1];
  return {
    files: () => ({ 'header.json': whole.subarray(8, end) }),
    read: (folder, file) => {
      const text = readFileSync(join(folder, file));
      const length = Buffer.alloc(8);
      length.writeBigUInt64LE(BigInt(text.length));
      const path = join(folder, 'whole.safetensors');
      writeFileSync(path, Buffer.concat([length, text, whole.subarray(end)]));
      return read(path);
    },
  };
}
