import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { create } from 'tar';
import type { Source } from '../../../lib/data';

export const md5 = (data: Uint8Array): string => createHash('md5').update(data).digest('hex');

const contents: Record<string, Buffer> = {
  'one.bin': Buffer.alloc(200_000, 'one '),
  'two.bin': Buffer.from('two'),
};

/** A dataset of two small files. */
export const tiny: Source = {
  name: 'tiny',
  title: 'Tiny',
  classes: 2,
  train: 2,
  test: 1,
  archive: { file: 'tiny.tar.gz', urls: ['http://127.0.0.1:9/tiny.tar.gz'], bytes: 0, md5: 'not known' },
  folder: 'tiny-bin',
  members: Object.entries(contents).map(([name, data]) => ({ name, bytes: data.length, md5: md5(data) })),
  extras: ['readme.txt'],
};

/** Writes the dataset's files, other files or other contents where given, to `<at>/tiny-bin`. */
export function writeTiny(at: string, changed: Record<string, Buffer> = {}): string {
  const folder = join(at, tiny.folder);
  mkdirSync(folder, { recursive: true });
  for (const [name, data] of Object.entries({ ...contents, ...changed }))
    writeFileSync(join(folder, name), data);
  return folder;
}

/** Packs what is in `<at>/tiny-bin`, under names that start with `prefix`. */
export async function packTiny(at: string, prefix?: string): Promise<string> {
  const file = join(at, 'tiny.tar.gz');
  await create({ gzip: true, file, cwd: at, prefix, portable: true }, [tiny.folder]);
  return file;
}
