import { readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { UserError } from '../core/errors';
import { PickleReader } from '../core/pickle/reader';
import { unpickle } from '../core/pickle/unpickle';
import { NumpyArray, PickleDict, type PickleValue } from '../core/pickle/values';
import type { Source } from './sources';

const imageBytes = 3 * 32 * 32;

/** A training split of CIFAR-100 is one byte string of 154 MB; longer ones are none of the dataset's. */
const longest = 1 << 28;

/** The pickles of the Python version in a folder without files of the binary version, batch by batch. */
export function pythonIn({ python, members }: Source, folder: string): { name: string; member: string }[] {
  const isFile = (name: string) => statSync(join(folder, name), { throwIfNoEntry: false })?.isFile();
  if (!python || members.some(({ name }) => isFile(name))) return [];
  return python.files.filter(({ name }) => isFile(name));
}

/**
 * A pickle of CIFAR's Python version as the binary version has it: the same images in the same order, each as its
 * label bytes and 3,072 pixels, plane by plane. Nothing in the pickle is run.
 * @throws UserError that names the file and what is wrong with it.
 */
export function pythonRecords(source: Source, path: string): Buffer {
  const dict = readPickle(path);
  const { labels: keys } = source.python!;
  const pixels = bytesOf(dict.get('data'));
  const labels = keys.map((key) => dict.get(key));
  const count = (pixels?.length ?? 0) / imageBytes;
  const isLabels = (list: PickleValue | undefined): list is number[] =>
    Array.isArray(list) && list.length === count && list.every((label) => isByte(label));
  if (!pixels || !Number.isInteger(count) || !labels.every(isLabels)) {
    throw new UserError(
      `${path} is no pickle of ${source.title}'s Python version: it needs data of ${imageBytes} bytes an image, and ` +
        `${keys.join(' and ')} with one label for each, from 0 to 255.`,
    );
  }
  const records = Buffer.alloc(count * (keys.length + imageBytes));
  for (let image = 0, at = 0; image < count; image++) {
    for (const list of labels) records[at++] = list[image];
    records.set(pixels.subarray(image * imageBytes, (image + 1) * imageBytes), at);
    at += imageBytes;
  }
  return records;
}

/** The names of the classes in `batches.meta` or `meta`, if there is one. */
export function pythonClassNames({ python }: Source, folder: string): string[] | undefined {
  const path = join(folder, python!.meta.name);
  if (!statSync(path, { throwIfNoEntry: false })?.isFile()) return undefined;
  const names = readPickle(path).get(python!.meta.key);
  return Array.isArray(names) ? names.map((name) => textOf(name) ?? '') : undefined;
}

function readPickle(path: string): Map<string | undefined, PickleValue> {
  const reader = new PickleReader(readFileSync(path), path, 0, longest);
  const refuse = () => {
    throw new Error('stands for something that a dataset has no use for');
  };
  const value = unpickle(reader, basename(path), refuse, longest);
  if (!(value instanceof PickleDict)) throw new UserError(`${path} is no pickle of a dict.`);
  return new Map([...value].map(([key, item]) => [textOf(key), item]));
}

/** Text, which Python 2 keeps as bytes and some programs that read it write as bytes again. */
function textOf(value: PickleValue): string | undefined {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('latin1');
  return typeof value === 'string' ? value : undefined;
}

function bytesOf(value: PickleValue | undefined): Uint8Array | undefined {
  if (value instanceof NumpyArray) return value.type?.code === 'u1' ? value.bytes : undefined;
  return value instanceof Uint8Array ? value : undefined;
}

function isByte(label: PickleValue): boolean {
  return typeof label === 'number' && Number.isInteger(label) && label >= 0 && label <= 255;
}
