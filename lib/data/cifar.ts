import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../core/errors';
import { datasetChecksum } from './checksum';
import { pythonIn } from './cifar-python';
import { findDataset, missingDataset } from './data-folder';
import { allocatePixels, type DatasetInMemory, type LabeledImages, type Normalization } from './dataset';
import {
  checkClassNames,
  checkedLabel,
  checkInstalled,
  checkRecords,
  publishedBytes,
  type RecordFile,
  remedy,
} from './records';
import type { RegisteredDataset } from './registry';
import { factsOf, type Source } from './sources';

/**
 * CIFAR-10, binary version (https://www.cs.toronto.edu/~kriz/cifar.html). The archive's sums are those on
 * that page and in public mirrors' lists; those of the members are of the files inside it.
 */
const cifar10Source: Source = {
  name: 'cifar10',
  title: 'CIFAR-10',
  classes: 10,
  train: 50_000,
  test: 10_000,
  archive: {
    file: 'cifar-10-binary.tar.gz',
    urls: ['https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz'],
    bytes: 170_052_171,
    md5: 'c32a1d4ab5d03f1284b67883e8d87530',
    sha256: 'c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd',
  },
  folder: 'cifar-10-batches-bin',
  members: [
    { name: 'data_batch_1.bin', bytes: 30_730_000, md5: '5dd7e06a14cb22eb9f671a540d1b7c25' },
    { name: 'data_batch_2.bin', bytes: 30_730_000, md5: '5ea93a67294ea407fff1d09f752e9692' },
    { name: 'data_batch_3.bin', bytes: 30_730_000, md5: '942cd6a4bcdd0dd3c604fbe906cb4421' },
    { name: 'data_batch_4.bin', bytes: 30_730_000, md5: 'ae636b3ba5c66a11e91e8cb52e771fcb' },
    { name: 'data_batch_5.bin', bytes: 30_730_000, md5: '53f37980c15c3d472c316c40844f3f0d' },
    { name: 'test_batch.bin', bytes: 30_730_000, md5: '803d5f7f4d78ea53de84dbe85f74fb6d' },
  ],
  extras: ['batches.meta.txt', 'readme.html'],
  checksum: '331e7515f232b4569079842b39a21c5a412dfbc19bc6f5f2387fa8056ff81849',
  python: {
    archive: {
      file: 'cifar-10-python.tar.gz',
      bytes: 170_498_071,
      md5: 'c58f30108f718f92721af3b95e74349a',
      sha256: '6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce',
    },
    folder: 'cifar-10-batches-py',
    files: [
      ...[1, 2, 3, 4, 5].map((i) => ({ name: `data_batch_${i}`, member: `data_batch_${i}.bin` })),
      { name: 'test_batch', member: 'test_batch.bin' },
    ],
    labels: ['labels'],
    meta: { name: 'batches.meta', key: 'label_names' },
  },
};

/** CIFAR-100, binary version, from the same page; the sums of its members are of the files inside the archive. */
const cifar100Source: Source = {
  name: 'cifar100',
  title: 'CIFAR-100',
  classes: 100,
  train: 50_000,
  test: 10_000,
  archive: {
    file: 'cifar-100-binary.tar.gz',
    urls: ['https://www.cs.toronto.edu/~kriz/cifar-100-binary.tar.gz'],
    bytes: 168_513_733,
    md5: '03b5dce01913d631647c71ecec9e9cb8',
  },
  folder: 'cifar-100-binary',
  members: [
    { name: 'train.bin', bytes: 153_700_000, md5: '6172c7755cfe09b2fe270c85cebc1b15' },
    { name: 'test.bin', bytes: 30_740_000, md5: '4499cfba6c016c1be1438163640a0898' },
  ],
  extras: ['fine_label_names.txt', 'coarse_label_names.txt'],
  python: {
    archive: {
      file: 'cifar-100-python.tar.gz',
      bytes: 169_001_437,
      md5: 'eb9058c3a382ffc7106e4002c42a8d85',
    },
    folder: 'cifar-100-python',
    files: [
      { name: 'train', member: 'train.bin' },
      { name: 'test', member: 'test.bin' },
    ],
    labels: ['coarse_labels', 'fine_labels'],
    meta: { name: 'meta', key: 'fine_label_names' },
  },
};

const size = 32;
const plane = size * size;

/** What CIFAR-10 and CIFAR-100 differ in. */
interface Layout {
  source: Source;
  classes: readonly string[];
  /** The file with the names of the classes. */
  namesFile: string;
  normalization: Normalization;
  /** How many label bytes come before the pixels. */
  labelBytes: number;
  /** Place of the label that counts among them. */
  label: number;
}

const cifar10: Layout = {
  source: cifar10Source,
  classes: ['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck'],
  namesFile: 'batches.meta.txt',
  normalization: { mean: [0.4914, 0.4822, 0.4465], std: [0.2023, 0.1994, 0.201] },
  labelBytes: 1,
  label: 0,
};

const cifar100: Layout = {
  source: cifar100Source,
  classes: (
    'apple aquarium_fish baby bear beaver bed bee beetle bicycle bottle ' +
    'bowl boy bridge bus butterfly camel can castle caterpillar cattle ' +
    'chair chimpanzee clock cloud cockroach couch crab crocodile cup dinosaur ' +
    'dolphin elephant flatfish forest fox girl hamster house kangaroo keyboard ' +
    'lamp lawn_mower leopard lion lizard lobster man maple_tree motorcycle mountain ' +
    'mouse mushroom oak_tree orange orchid otter palm_tree pear pickup_truck pine_tree ' +
    'plain plate poppy porcupine possum rabbit raccoon ray road rocket ' +
    'rose sea seal shark shrew skunk skyscraper snail snake spider ' +
    'squirrel streetcar sunflower sweet_pepper table tank telephone television tiger tractor ' +
    'train trout tulip turtle wardrobe whale willow_tree wolf woman worm'
  ).split(' '),
  namesFile: 'fine_label_names.txt',
  normalization: { mean: [0.5071, 0.4867, 0.4408], std: [0.2675, 0.2565, 0.2761] },
  labelBytes: 2,
  label: 1,
};

/**
 * Reads CIFAR-10 from a folder that is or has in it `cifar-10-batches-bin`, the binary version, or
 * `cifar-10-batches-py`, the Python version: the same images in the same order.
 *
 * Layout (https://www.cs.toronto.edu/~kriz/cifar.html): records of 3,073 bytes, the label 0-9 and then 1,024
 * red, green and blue values, row by row. Images keep their order: batches 1 to 5, then within the file.
 *
 * A subset in the same layout is read too: batches from 1 on without a gap, whole records, as many as there are.
 * @throws UserError where files are missing, have a wrong size or hold a wrong label.
 */
export function readCifar10(folder: string): DatasetInMemory {
  return read(cifar10, folder, (found, check) => {
    const batches = batchNames(found).map(check);
    checkComplete(found, batches);
    return { train: batches, test: [check('test_batch.bin')] };
  });
}

/**
 * Reads CIFAR-100 from a folder that is or has in it `cifar-100-binary`, the binary version, or `cifar-100-python`, the
 * Python version: the 100 fine classes.
 *
 * Layout (https://www.cs.toronto.edu/~kriz/cifar.html): records of 3,074 bytes, the coarse label, the fine label
 * 0-99, and then 1,024 red, green and blue values, row by row. A subset in the same layout is read too.
 * @throws UserError where files are missing, have a wrong size or hold a wrong label.
 */
export function readCifar100(folder: string): DatasetInMemory {
  return read(cifar100, folder, (_, check) => ({ train: [check('train.bin')], test: [check('test.bin')] }));
}

function read(
  layout: Layout,
  folder: string,
  filesOf: (folder: string, check: (name: string) => RecordFile) => Record<'train' | 'test', RecordFile[]>,
): DatasetInMemory {
  const { source, classes, namesFile, normalization } = layout;
  const found = findDataset(source, folder);
  if (!found) throw missingDataset(source, folder);
  checkInstalled(source, found);
  checkClassNames(source, join(found, namesFile), classes);
  const files = filesOf(found, (name) => checkRecords(source, found, name, recordLength(layout)));
  const splits = { train: decode(layout, files.train), test: decode(layout, files.test) };
  return {
    name: source.name,
    classes: [...classes],
    imageSize: size,
    ...splits,
    normalization,
    checksum: datasetChecksum(splits),
  };
}

/** The training files that are there: data_batch_1.bin and those that follow it without a gap. */
function batchNames(folder: string): string[] {
  const all = [1, 2, 3, 4, 5].map((i) => `data_batch_${i}.bin`);
  const pickles = new Set(pythonIn(cifar10.source, folder).map(({ member }) => member));
  const last = all.findLastIndex((name) => pickles.has(name) || existsSync(join(folder, name)));
  return all.slice(0, Math.max(last + 1, 1));
}

/** Several batches of which one has the official size are an official copy, and then all must be whole. */
function checkComplete(folder: string, batches: RecordFile[]): void {
  const full = publishedBytes(cifar10.source, 'data_batch_1.bin');
  if (batches.length === 1 || !batches.some(({ bytes }) => bytes === full)) return;
  const short = batches.find(({ bytes }) => bytes !== full);
  if (short) {
    throw new UserError(
      `${short.path} has ${short.bytes} bytes; expected ${full}, as in the files beside it. ${remedy(cifar10.source)}`,
    );
  }
  if (batches.length < 5) {
    throw new UserError(
      `${join(folder, `data_batch_${batches.length + 1}.bin`)} is missing. ${remedy(cifar10.source)}`,
    );
  }
}

/** Bytes of one record: labels, then 1,024 red, green and blue values, row by row. */
function recordLength({ labelBytes }: Layout): number {
  return labelBytes + 3 * plane;
}

/**
 * Joins the files' records and turns each image from color planes to pixels.
 * @throws UserError where a label is not that of a class.
 */
function decode(layout: Layout, files: readonly RecordFile[]): LabeledImages {
  const { source, labelBytes } = layout;
  const recordBytes = recordLength(layout);
  const count = files.reduce((sum, file) => sum + file.count, 0);
  const pixels = allocatePixels(count, size);
  const labels = new Int32Array(count);
  let image = 0;
  for (const { path, count: records, read } of files) {
    const bytes = read();
    for (let record = 0; record < records; record++, image++) {
      const start = record * recordBytes;
      const range = [0, source.classes - 1] as const;
      labels[image] = checkedLabel(bytes[start + layout.label], record, path, range, source);
      interleave(bytes, start + labelBytes, pixels, image * 3 * plane);
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

/** CIFAR-10 and CIFAR-100. */
export const cifar: readonly RegisteredDataset[] = [
  {
    ...factsOf(cifar10.source),
    imageSize: size,
    source: cifar10.source,
    read: ({ folder }) => readCifar10(folder),
  },
  {
    ...factsOf(cifar100.source),
    imageSize: size,
    source: cifar100.source,
    read: ({ folder }) => readCifar100(folder),
  },
];
