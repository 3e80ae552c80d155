import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../errors';
import { datasetChecksum } from './checksum';
import { findDataset, missingDataset } from './data-folder';
import { allocatePixels, type Dataset, type LabelledImages } from './dataset';
import { readManifest } from './manifest';
import { sourceOf } from './sources';

const size = 32;
const plane = size * size;
const recordBytes = 1 + 3 * plane;
const fullRecords = 10_000;
const classes = ['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck'];
const wayOut =
  'If this should be the official CIFAR-10, remove that folder and run `npx mnn data fetch cifar10` again.';

/**
 * Reads CIFAR-10, binary version, from a folder that is or holds `cifar-10-batches-bin`.
 *
 * Layout (https://www.cs.toronto.edu/~kriz/cifar.html): records of 3,073 bytes, the label 0-9 and then 1,024
 * red, green and blue values, row by row. Pictures keep their order: batches 1 to 5, then within the file.
 *
 * A subset in the same layout is read too: batches from 1 on without a gap, whole records, as many as there are.
 * @throws UserError where files are missing, have a wrong size or hold a wrong label.
 */
export function readCifar10(folder: string): Dataset {
  const source = sourceOf('cifar10');
  const found = findDataset(source, folder);
  if (!found) throw missingDataset(source, folder);
  checkClassNames(join(found, 'batches.meta.txt'));
  const expected = new Map(readManifest(found)?.members.map(({ name, bytes }) => [name, bytes]));
  const check = (name: string) => checkRecords(join(found, name), expected.get(name));
  const batches = batchNames(found).map(check);
  checkComplete(found, batches);
  const splits = { train: decode(batches), test: decode([check('test_batch.bin')]) };
  return {
    name: 'cifar10',
    classes: [...classes],
    imageSize: size,
    ...splits,
    normalization: { mean: [0.4914, 0.4822, 0.4465], std: [0.2023, 0.1994, 0.201] },
    checksum: datasetChecksum(splits),
  };
}

/** A file of records: checked for its length, not yet read. */
interface RecordFile {
  path: string;
  bytes: number;
  count: number;
}

/** The training files that are there: data_batch_1.bin and those that follow it without a gap. */
function batchNames(folder: string): string[] {
  const all = [1, 2, 3, 4, 5].map((i) => `data_batch_${i}.bin`);
  const last = all.findLastIndex((name) => existsSync(join(folder, name)));
  return all.slice(0, Math.max(last + 1, 1));
}

function checkRecords(path: string, expectedBytes: number | undefined): RecordFile {
  if (!existsSync(path)) throw new UserError(`${path} is missing. ${wayOut}`);
  const bytes = statSync(path).size;
  if (expectedBytes !== undefined && bytes !== expectedBytes) {
    throw new UserError(
      `${path} has ${bytes} bytes; ${expectedBytes} were installed. Remove that folder and run ` +
        '`npx mnn data fetch cifar10` again.',
    );
  }
  const count = bytes / recordBytes;
  if (count === 0 || !Number.isInteger(count) || count > fullRecords) {
    throw new UserError(
      `${path} has ${bytes} bytes; expected ${fullRecords * recordBytes}, or for a subset a smaller ` +
        `whole number of ${recordBytes}-byte records, at least one. ${wayOut}`,
    );
  }
  return { path, bytes, count };
}

/** Several batches of which one has the official size are an official copy, and then all must be whole. */
function checkComplete(folder: string, batches: RecordFile[]): void {
  if (batches.length === 1 || !batches.some(({ count }) => count === fullRecords)) return;
  const short = batches.find(({ count }) => count !== fullRecords);
  if (short) {
    throw new UserError(
      `${short.path} has ${short.bytes} bytes; expected ${fullRecords * recordBytes}, as in the files beside it. ` +
        wayOut,
    );
  }
  if (batches.length < 5) {
    throw new UserError(`${join(folder, `data_batch_${batches.length + 1}.bin`)} is missing. ${wayOut}`);
  }
}

/** Joins the files' records and turns each picture from colour planes to pixels. */
function decode(files: RecordFile[]): LabelledImages {
  const count = files.reduce((sum, file) => sum + file.count, 0);
  const pixels = allocatePixels(count, size);
  const labels = new Int32Array(count);
  let image = 0;
  for (const { path, count: records } of files) {
    const bytes = readFileSync(path);
    for (let record = 0; record < records; record++, image++) {
      const start = record * recordBytes;
      labels[image] = checkedLabel(bytes[start], record, path);
      interleave(bytes, start + 1, pixels, image * 3 * plane);
    }
  }
  return { count, size, pixels, labels };
}

function interleave(planes: Uint8Array, from: number, pixels: Uint8Array, to: number): void {
  for (let i = 0; i < plane; i++) {
    pixels[to + 3 * i] = planes[from + i];
    pixels[to + 3 * i + 1] = planes[from + plane + i];
    pixels[to + 3 * i + 2] = planes[from + 2 * plane + i];
  }
}

function checkedLabel(label: number, record: number, path: string): number {
  if (label < classes.length) return label;
  throw new UserError(
    `Record ${record} (counted from 0) of ${path} has label ${label}; expected 0 to ${classes.length - 1}. ` +
      `The file is damaged or in another layout. ${wayOut}`,
  );
}

/** The names are official and may be missing; names that differ mean that the labels mean something else. */
function checkClassNames(path: string): void {
  if (!existsSync(path)) return;
  const names = readFileSync(path, 'utf8').split(/\r?\n/).filter(Boolean);
  if (names.join() !== classes.join()) {
    throw new UserError(
      `${path} names the classes ${names.join(', ')}; expected ${classes.join(', ')}. ${wayOut}`,
    );
  }
}
