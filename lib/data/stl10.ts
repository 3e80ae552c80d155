import { closeSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../core/errors';
import { datasetChecksum } from './checksum';
import { findDataset, missingDataset } from './data-folder';
import type { Progress } from './dataset';
import { allocatePixels, type DatasetInMemory, type LabeledImages, type StoredImages } from './dataset';
import { openForReading, readExactly, transpose } from './open-images';
import { checkClassNames, checkedLabel, checkInstalled, checkRecords, remedy } from './records';
import type { RegisteredDataset } from './registry';
import { factsOf, type Source } from './sources';

/** STL-10, binary version (https://cs.stanford.edu/~acoates/stl10/); the sums of its members are torchvision's. */
const source: Source = {
  name: 'stl10',
  title: 'STL-10',
  classes: 10,
  train: 5_000,
  test: 8_000,
  unlabeled: 100_000,
  cropSize: 64,
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

const size = 96;
const imageBytes = 3 * size * size;
const classes = ['airplane', 'bird', 'car', 'cat', 'deer', 'dog', 'horse', 'monkey', 'ship', 'truck'];

/**
 * Reads STL-10, binary version, from a folder that is or holds `stl10_binary`. The unlabeled images, 2.8 GB,
 * stay in their file.
 *
 * Layout (https://cs.stanford.edu/~acoates/stl10/): 27,648 bytes an image, three color planes of 96 x 96, each
 * column by column; labels in a file of their own, one byte each, from 1 to 10. A subset in the same layout is
 * read too.
 * @param onProgress told how much of the unlabeled images' file was read to check it.
 * @throws UserError where files are missing, have a wrong size or hold a wrong label.
 */
export function readStl10(folder: string, onProgress?: Progress): DatasetInMemory {
  const found = findDataset(source, folder);
  if (!found) throw missingDataset(source, folder);
  checkInstalled(source, found);
  checkClassNames(source, join(found, 'class_names.txt'), classes);
  const splits = {
    train: readSplit(found, 'train'),
    test: readSplit(found, 'test'),
    unlabeled: findUnlabeled(found),
  };
  return {
    name: source.name,
    classes: [...classes],
    imageSize: size,
    ...splits,
    normalization: { mean: [0.4408, 0.4279, 0.3867], std: [0.2682, 0.261, 0.2686] },
    checksum: datasetChecksum(splits, onProgress),
  };
}

function findUnlabeled(folder: string): StoredImages {
  const { path, count } = checkRecords(source, folder, 'unlabeled_X.bin', imageBytes);
  return { count, size, file: path };
}

function readSplit(folder: string, split: 'train' | 'test'): LabeledImages {
  const { path, count } = checkRecords(source, folder, `${split}_X.bin`, imageBytes);
  const labels = checkRecords(source, folder, `${split}_y.bin`, 1);
  if (labels.count !== count) {
    throw new UserError(
      `${labels.path} has ${labels.count} labels for the ${count} images of ${path}. ${remedy(source)}`,
    );
  }
  return { count, size, pixels: readPixels(path, count), labels: readLabels(labels.path) };
}

function readPixels(path: string, count: number): Uint8Array {
  const pixels = allocatePixels(count, size);
  const planes = new Uint8Array(imageBytes);
  const descriptor = openForReading(path);
  try {
    for (let image = 0; image < count; image++) {
      readExactly(descriptor, planes, image * imageBytes, path);
      transpose(planes, size, pixels, image * imageBytes);
    }
  } finally {
    closeSync(descriptor);
  }
  return pixels;
}

function readLabels(path: string): Int32Array {
  return Int32Array.from(
    readFileSync(path),
    (label, record) => checkedLabel(label, record, path, [1, classes.length], source) - 1,
  );
}

export const stl10: RegisteredDataset = {
  ...factsOf(source),
  imageSize: size,
  source,
  read: ({ folder, onProgress }) => readStl10(folder, onProgress),
};
