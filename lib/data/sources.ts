import { unknownName } from '../errors';

/** A file of a dataset, as its publisher packed it. */
export interface Member {
  /** Name inside the dataset's folder. */
  name: string;
  bytes: number;
  md5: string;
}

/** Where a dataset comes from and how every byte of it is checked. */
export interface Source {
  name: string;
  title: string;
  classes: number;
  /** Number of pictures in each split. */
  train: number;
  test: number;
  archive: { file: string; urls: readonly string[]; bytes: number; md5: string; sha256?: string };
  /** The folder that the archive unpacks to. */
  folder: string;
  /** Files that the reader needs; each is checked by size and md5. */
  members: readonly Member[];
  /** Files that may be missing and are not checked: short texts. */
  extras: readonly string[];
}

/**
 * CIFAR-10, binary version (https://www.cs.toronto.edu/~kriz/cifar.html). The archive's sums are those on
 * that page and in public mirrors' lists; those of the members are of the files inside it.
 */
const cifar10: Source = {
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
};

/** Every dataset that can be fetched. */
export const sources: readonly Source[] = [cifar10];

/** Datasets that the kit makes itself. */
export const builtInNames: readonly string[] = ['shapes10'];

/** Every name that `loadDataset` knows. */
export const datasetNames: readonly string[] = [...builtInNames, ...sources.map(({ name }) => name)];

/**
 * The facts of a dataset that can be fetched.
 * @throws UserError where no dataset has that name.
 */
export function sourceOf(name: string): Source {
  const source = sources.find((candidate) => candidate.name === name);
  if (!source) throw unknownName('dataset', name, datasetNames);
  return source;
}
