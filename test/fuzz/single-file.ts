import { join } from 'node:path';
import type { Reader } from './fuzz';

/** A reader of one file. */
export const only = (name: string, bytes: Buffer, read: (file: string) => unknown): Reader => ({
  files: () => ({ [name]: bytes }),
  read: (folder) => read(join(folder, name)),
});

export const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value, null, 1));
