import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../core/errors';
import { datasetChecksum } from './checksum';
import { pythonIn } from './cifar-python';
import { type CifarLayout, cifarRecordBytes, decodeCifar } from './cifar-records';
import { findDataset, missingDataset } from './data-folder';
import type { Dataset } from './dataset';
import {
  checkClassNames,
  checkInstalled,
  checkRecords,
  publishedBytes,
  type RecordFile,
  wayOut,
} from './records';
import { sourceOf } from './sources';

const layout: CifarLayout = { source: sourceOf('cifar10'), labelBytes: 1, label: 0 };
const { source } = layout;
const classes = ['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck'];

/**
 * Reads CIFAR-10 from a folder that is or has in it `cifar-10-batches-bin`, the binary version, or
 * `cifar-10-batches-py`, the Python version: the same images in the same order.
 *
 * Layout (https://www.cs.toronto.edu/~kriz/cifar.html): records of 3,073 bytes, the label 0-9 and then 1,024
 * red, green and blue values, row by row. Pictures keep their order: batches 1 to 5, then within the file.
 *
 * A subset in the same layout is read too: batches from 1 on without a gap, whole records, as many as there are.
 * @throws UserError where files are missing, have a wrong size or hold a wrong label.
 */
export function readCifar10(folder: string): Dataset {
  const found = findDataset(source, folder);
  if (!found) throw missingDataset(source, folder);
  checkInstalled(source, found);
  checkClassNames(source, join(found, 'batches.meta.txt'), classes);
  const check = (name: string) => checkRecords(source, found, name, cifarRecordBytes(layout));
  const batches = batchNames(found).map(check);
  checkComplete(found, batches);
  const splits = {
    train: decodeCifar(layout, batches),
    test: decodeCifar(layout, [check('test_batch.bin')]),
  };
  return {
    name: 'cifar10',
    classes: [...classes],
    imageSize: splits.train.size,
    ...splits,
    normalization: { mean: [0.4914, 0.4822, 0.4465], std: [0.2023, 0.1994, 0.201] },
    checksum: datasetChecksum(splits),
  };
}

/** The training files that are there: data_batch_1.bin and those that follow it without a gap. */
function batchNames(folder: string): string[] {
  const all = [1, 2, 3, 4, 5].map((i) => `data_batch_${i}.bin`);
  const pickles = new Set(pythonIn(source, folder).map(({ member }) => member));
  const last = all.findLastIndex((name) => pickles.has(name) || existsSync(join(folder, name)));
  return all.slice(0, Math.max(last + 1, 1));
}

/** Several batches of which one has the official size are an official copy, and then all must be whole. */
function checkComplete(folder: string, batches: RecordFile[]): void {
  const full = publishedBytes(source, 'data_batch_1.bin');
  if (batches.length === 1 || !batches.some(({ bytes }) => bytes === full)) return;
  const short = batches.find(({ bytes }) => bytes !== full);
  if (short) {
    throw new UserError(
      `${short.path} has ${short.bytes} bytes; expected ${full}, as in the files beside it. ${wayOut(source)}`,
    );
  }
  if (batches.length < 5) {
    throw new UserError(
      `${join(folder, `data_batch_${batches.length + 1}.bin`)} is missing. ${wayOut(source)}`,
    );
  }
}
