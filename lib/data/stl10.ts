import { closeSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../core/errors';
import { datasetChecksum } from './checksum';
import { findDataset, missingDataset } from './data-folder';
import type { Progress } from './dataset';
import { allocatePixels, type Dataset, type LabelledImages, type StoredImages } from './dataset';
import { openForReading, readExactly, transpose } from './open-images';
import { checkClassNames, checkedLabel, checkInstalled, checkRecords, wayOut } from './records';
import { sourceOf } from './sources';

const source = sourceOf('stl10');
const size = 96;
const pictureBytes = 3 * size * size;
const classes = ['airplane', 'bird', 'car', 'cat', 'deer', 'dog', 'horse', 'monkey', 'ship', 'truck'];

/**
 * Reads STL-10, binary version, from a folder that is or holds `stl10_binary`. The unlabelled pictures, 2.8 GB,
 * stay in their file.
 *
 * Layout (https://cs.stanford.edu/~acoates/stl10/): 27,648 bytes a picture, three colour planes of 96 x 96, each
 * column by column; labels in a file of their own, one byte each, from 1 to 10. A subset in the same layout is
 * read too.
 * @param onProgress told how much of the unlabelled pictures' file was read to check it.
 * @throws UserError where files are missing, have a wrong size or hold a wrong label.
 */
export function readStl10(folder: string, onProgress?: Progress): Dataset {
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
    name: 'stl10',
    classes: [...classes],
    imageSize: size,
    ...splits,
    normalization: { mean: [0.4408, 0.4279, 0.3867], std: [0.2682, 0.261, 0.2686] },
    checksum: datasetChecksum(splits, onProgress),
  };
}

function findUnlabeled(folder: string): StoredImages {
  const { path, count } = checkRecords(source, folder, 'unlabeled_X.bin', pictureBytes);
  return { count, size, file: path };
}

function readSplit(folder: string, split: 'train' | 'test'): LabelledImages {
  const { path, count } = checkRecords(source, folder, `${split}_X.bin`, pictureBytes);
  const labels = checkRecords(source, folder, `${split}_y.bin`, 1);
  if (labels.count !== count) {
    throw new UserError(
      `${labels.path} has ${labels.count} labels for the ${count} pictures of ${path}. ${wayOut(source)}`,
    );
  }
  return { count, size, pixels: readPixels(path, count), labels: readLabels(labels.path) };
}

function readPixels(path: string, count: number): Uint8Array {
  const pixels = allocatePixels(count, size);
  const planes = new Uint8Array(pictureBytes);
  const descriptor = openForReading(path);
  try {
    for (let image = 0; image < count; image++) {
      readExactly(descriptor, planes, image * pictureBytes, path);
      transpose(planes, size, pixels, image * pictureBytes);
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
