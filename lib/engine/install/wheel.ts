import { createHash } from 'node:crypto';
import { createWriteStream, existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { type Entry, openPromise, type ZipFile } from 'yauzl';
import { Interrupted, UserError } from '../../core/errors';
import { systemCode } from '../../core/files';
import type { EngineLayout } from './folders';
import {
  checkMetadata,
  checkPlatform,
  linkerNames,
  mainHeader,
  neededHeaders,
  readCudaRequirements,
  readRecord,
  type TakeOptions,
  type TensorFlowSource,
  wheelLibraries,
} from './library';

const remedy = 'Fetch it again: python3 -m pip download --no-deps tensorflow-cpu';

/** Where a wheel's entry goes below an engine's `deps`, if it is needed. */
function destination(path: string): string | undefined {
  const inside = path.startsWith('tensorflow/') ? path.slice('tensorflow/'.length) : '';
  if (wheelLibraries().includes(inside)) return join('lib', inside);
  const header = inside.startsWith('include/') ? inside.slice('include/'.length) : '';
  return neededHeaders.test(header) ? join('include', header) : undefined;
}

/**
 * TensorFlow's wheel, as pip downloads it.
 * @throws UserError where the file is no whole wheel, not TensorFlow's, or made for other machines.
 */
export async function openWheel(file: string, { gpu = false } = {}): Promise<TensorFlowSource> {
  if (!existsSync(file)) throw new UserError(`${file} does not exist. Give --from a wheel or a folder.`);
  return readable(file, async (zip) => {
    const entries = new Map<string, Entry>();
    for await (const entry of zip.eachEntry()) entries.set(entry.fileName, entry);
    const info = [...entries.keys()].find((name) => /^[^/]+\.dist-info\/METADATA$/.test(name));
    if (!info) throw new UserError(`${file} is a zip file, but no Python wheel: it holds no METADATA.`);
    const read = async (name: string) => {
      const entry = entries.get(`${dirname(info)}/${name}`);
      if (!entry) throw new UserError(`${file} holds no ${name}, as every wheel does. ${remedy}`);
      return text(await zip.openReadStreamPromise(entry));
    };
    const metadata = await read('METADATA');
    checkMetadata(metadata, basename(file), gpu);
    checkPlatform(await read('WHEEL'), basename(file));
    const sums = readRecord(await read('RECORD'));
    const members = [...entries.values()].filter(({ fileName }) => destination(fileName));
    for (const needed of [...wheelLibraries(), `include/${mainHeader}`]) {
      if (!members.some(({ fileName }) => fileName === `tensorflow/${needed}`)) {
        throw new UserError(
          `${file} holds no tensorflow/${needed}: it is not a wheel that serves. ${remedy}`,
        );
      }
    }
    const library = `tensorflow/${wheelLibraries()[0]}`;
    return {
      title: basename(file),
      sha256: sums.get(library),
      bytes: members.reduce((sum, { uncompressedSize }) => sum + uncompressedSize, 0),
      cudaRequirements: readCudaRequirements(metadata),
      take: (layout, options) =>
        readable(file, async (again) => {
          await extract(again, file, members, sums, layout, options);
          return sums.get(library)!;
        }),
    };
  });
}

/** Every file is written below `deps` and compared with the sum that the wheel's RECORD has for it. */
async function extract(
  zip: ZipFile,
  file: string,
  members: Entry[],
  sums: Map<string, string>,
  layout: EngineLayout,
  { onProgress, signal }: TakeOptions,
): Promise<void> {
  const total = members.reduce((sum, { uncompressedSize }) => sum + uncompressedSize, 0);
  let done = 0;
  for (const entry of members) {
    const path = join(dirname(layout.libraries), destination(entry.fileName)!);
    mkdirSync(dirname(path), { recursive: true });
    const hash = createHash('sha256');
    const check = async function* (chunks: AsyncIterable<Uint8Array>) {
      for await (const chunk of chunks) {
        hash.update(chunk);
        done += chunk.length;
        onProgress?.(done, total);
        yield chunk;
      }
    };
    const source = await zip.openReadStreamPromise(entry);
    try {
      await pipeline(source, check, createWriteStream(path, { flags: 'wx' }), { signal });
    } catch (error) {
      throw signal?.aborted ? new Interrupted('Stopped.') : error;
    }
    const [found, expected] = [hash.digest('hex'), sums.get(entry.fileName)];
    if (found !== expected) {
      throw new UserError(
        `${entry.fileName} in ${file} has sha256 ${found}, where the wheel's RECORD says ${expected ?? 'nothing'}. ${remedy}`,
      );
    }
  }
  for (const [name, target] of linkerNames()) symlinkSync(target, join(layout.libraries, name));
}

/** Opens a zip file for `use` and says plainly what is wrong with it where it cannot be read. */
async function readable<T>(file: string, use: (zip: ZipFile) => Promise<T>): Promise<T> {
  let zip: ZipFile | undefined;
  try {
    zip = await openPromise(file, { autoClose: false });
    return await use(zip);
  } catch (error) {
    const { message } = error as Error;
    // The system's errors (ENOSPC, EACCES ...) are not the wheel's fault.
    const systems = /^E(?!RR_)/.test(systemCode(error) ?? '');
    if (error instanceof UserError || error instanceof Interrupted || systems) throw error;
    throw new UserError(`${file} is not a whole, honest wheel (${message}). ${remedy}`);
  } finally {
    zip?.close();
  }
}
