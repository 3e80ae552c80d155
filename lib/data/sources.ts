import { UserError, unknownName } from '../core/errors';
import { imageFolder } from './image-folder';

/** A file of a dataset, as its publisher packed it. */
export interface Member {
  /** Name inside the dataset's folder. */
  name: string;
  bytes: number;
  md5: string;
}

/** A dataset of so many files that their sums are not published: it is known by its archive, and by names. */
export interface Tree {
  /** Files that tell the dataset's folder, also that of a subset. */
  landmarks: readonly string[];
  /** No honest archive unpacks to more. */
  maxBytes: number;
  /** What the needed files take on the disk, in its blocks. */
  diskBytes: number;
  /** Whether a file, named by its path inside the dataset's folder, is one that the reader needs. */
  needs(name: string): boolean;
  /** What is missing or too much among the needed files, a sentence each; @param lines of the texts among them. */
  problems(lines: (name: string) => string[], present: ReadonlySet<string>): string[];
  /**
   * Needed files that are elsewhere in a folder of these files, by where they should be: each the path that it has,
   * or the text of one that can be made.
   */
  moved(
    files: readonly string[],
  ): Map<string, { path: string; text?: undefined } | { path?: undefined; text: string }>;
}

/** CIFAR's Python version: pickles of the same images in the same order. */
export interface PythonVersion {
  archive: { file: string; bytes: number; md5: string; sha256?: string };
  /** The folder that the archive unpacks to. */
  folder: string;
  /** Each pickle, and the file of the binary version that has the same images. */
  files: readonly { name: string; member: string }[];
  /** Keys of the labels, in the order of the binary version's label bytes. */
  labels: readonly string[];
  /** The file of the names of the classes, and their key. */
  meta: { name: string; key: string };
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
  /** Another version of the same images, from which the members can be made. */
  python?: PythonVersion;
  /** No honest archive unpacks to more. Default: the members and some texts. */
  maxBytes?: number;
  /** In place of members, where no sums of single files are published. */
  tree?: Tree;
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
const cifar100: Source = {
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

/** STL-10, binary version (https://cs.stanford.edu/~acoates/stl10/); the sums of its members are torchvision's. */
const stl10: Source = {
  name: 'stl10',
  title: 'STL-10',
  classes: 10,
  train: 5_000,
  test: 8_000,
  archive: {
    file: 'stl10_binary.tar.gz',
    urls: [
      'https://ai.stanford.edu/~acoates/stl10/stl10_binary.tar.gz',
      'https://cs.stanford.edu/~acoates/stl10/stl10_binary.tar.gz',
      'http://ai.stanford.edu/~acoates/stl10/stl10_binary.tar.gz',
    ],
    bytes: 2_640_397_119,
    md5: '91f7769df0f17e558f3565bffb0c7dfb',
    sha256: 'f31fd99273a1acb8609c8db427cebb1de3f71de77758cdc0e22956e1289b9866',
  },
  folder: 'stl10_binary',
  members: [
    { name: 'train_X.bin', bytes: 138_240_000, md5: '918c2871b30a85fa023e0c44e0bee87f' },
    { name: 'train_y.bin', bytes: 5_000, md5: '5a34089d4802c674881badbb80307741' },
    { name: 'unlabeled_X.bin', bytes: 2_764_800_000, md5: '5242ba1fed5e4be9e1e742405eb56ca4' },
    { name: 'test_X.bin', bytes: 221_184_000, md5: '7f263ba9f9e0b06b93213547f721ac82' },
    { name: 'test_y.bin', bytes: 8_000, md5: '36f9794fa4beb8a2c72628de14fa638e' },
  ],
  extras: ['class_names.txt', 'fold_indices.txt'],
};

/**
 * Tiny ImageNet (http://cs231n.stanford.edu). The sums of its archive stand in several public lists; there are none
 * of its 110,000 pictures.
 */
const tinyImagenet: Source = {
  name: 'tiny-imagenet',
  title: 'Tiny ImageNet',
  classes: 200,
  train: 100_000,
  test: 10_000,
  archive: {
    file: 'tiny-imagenet-200.zip',
    urls: [
      'https://cs231n.stanford.edu/tiny-imagenet-200.zip',
      'http://cs231n.stanford.edu/tiny-imagenet-200.zip',
    ],
    bytes: 248_100_043,
    md5: '90528d7ca1a48142e341f4ef8d21d0de',
    sha256: '6198c8ae015e2b3e007c7841da39ec069199b9aa3bfa943a462022fe5e43c821',
  },
  folder: 'tiny-imagenet-200',
  members: [],
  extras: [],
  tree: imageFolder({ classes: 200, perClass: 500, test: 10_000, maxBytes: 1e9, diskBytes: 5e8 }),
};

/** Every dataset that can be fetched. */
export const sources: readonly Source[] = [cifar10, cifar100, stl10, tinyImagenet];

/** Datasets that the kit makes itself. */
export const builtInNames: readonly string[] = ['shapes10'];

/** Every name that `loadDataset` knows. */
export const datasetNames: readonly string[] = [...builtInNames, ...sources.map(({ name }) => name)];

/** A dataset's name as the papers write it; an unknown one stays as it is. */
export function datasetName(dataset: string): string {
  return sources.find(({ name }) => name === dataset)?.title ?? dataset;
}

/**
 * The facts of a dataset that can be fetched.
 * @throws UserError where no dataset has that name, or the kit makes it itself.
 */
export function sourceOf(name: string): Source {
  if (builtInNames.includes(name)) throw new UserError(`${name} is built in: there are no files of it.`);
  const source = sources.find((candidate) => candidate.name === name);
  if (!source) throw unknownName('dataset', name, datasetNames);
  return source;
}

/** The Python version as a source of its own: of pickles that have other sums than the members made from them. */
export function asPythonSource(source: Source): Source | undefined {
  const { python } = source;
  if (!python) return undefined;
  return {
    ...source,
    archive: { ...python.archive, urls: [] },
    folder: python.folder,
    members: [],
    extras: [...python.files.map(({ name }) => name), python.meta.name],
    // Besides the images they have the names of their files, and some programs pickle a byte as up to two.
    maxBytes: 2 * mostBytes(source),
  };
}

/** Whether the reader needs a file, named by its path inside the dataset's folder, or may find it useful. */
export function isNeeded({ members, extras, tree }: Source, name: string): boolean {
  return tree ? tree.needs(name) : extras.includes(name) || members.some((member) => member.name === name);
}

/** No honest archive of the dataset unpacks to more bytes. */
export function mostBytes({ members, tree, maxBytes }: Source): number {
  const slack = 1 << 20;
  return tree?.maxBytes ?? maxBytes ?? members.reduce((sum, { bytes }) => sum + bytes, slack);
}

/** Free bytes that the unpacked dataset needs on the disk. */
export function neededSpace(source: Source): number {
  return source.tree?.diskBytes ?? mostBytes(source);
}
