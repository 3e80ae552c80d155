import { UserError } from '../core/errors';
import { datasetChecksum } from './checksum';
import type { Dataset, DatasetInMemory, Images } from './dataset';

/**
 * Makes a dataset of images in memory: checks its labels and pixels, and adds the checksum that every record keeps.
 * Labels are numbers of classes, counted from 0; a split without labels has -1 for every image.
 * @throws UserError that names the split and the first thing that is wrong with it.
 */
export function createDataset(
  parts: Omit<DatasetInMemory, 'imageSize' | 'checksum' | 'drawnFrom'>,
): DatasetInMemory {
  const dataset = { ...parts, imageSize: parts.train.size };
  checkDataset(dataset);
  checkRange(parts);
  return { ...dataset, checksum: datasetChecksum(dataset) };
}

/**
 * Checks that the labels of a dataset are numbers of its classes, and that its splits have the pixels they say.
 * @throws UserError that names the split and the first thing that is wrong with it.
 */
export function checkDataset(dataset: Omit<Dataset, 'checksum'>): void {
  const { name, classes, train, test, unlabeled } = dataset;
  const twice = classes.find((title, i) => classes.indexOf(title) !== i);
  if (twice !== undefined) throw new UserError(`${name}: the class name '${twice}' is there twice.`);
  for (const [split, images] of Object.entries({ train, test })) {
    checkLabels(`${name}, split ${split}`, images, classes.length);
  }
  for (const [split, images] of Object.entries({ train, test, unlabeled })) {
    if (images) checkPixels(`${name}, split ${split}`, images, dataset.imageSize);
  }
}

/** Values from 0 to 1 that were put into bytes are 0 or 1, and every image is black. */
function checkRange({ name, train }: Pick<DatasetInMemory, 'name' | 'train'>): void {
  const { pixels } = train;
  const isTooLarge = (value: number) => value > 1;
  if (!pixels.includes(1) || pixels.some(isTooLarge)) return;
  throw new UserError(
    `${name}, split train: no pixel is above 1 of 255. Multiply values from 0 to 1 by 255 and round them.`,
  );
}

function checkLabels(where: string, { count, labels }: Dataset['train'], classes: number): void {
  if (!(labels instanceof Int32Array) || labels.length !== count) {
    throw new UserError(
      `${where}: labels must be an Int32Array with one number for each of ${count} images.`,
    );
  }
  const wrong = labels.findIndex((label) => label < -1 || label >= classes);
  if (wrong >= 0) {
    const allowed =
      classes === 0 ? '-1, since there are no class names' : `0 to ${classes - 1}, or -1 without a label`;
    throw new UserError(
      `${where}: image ${wrong} (counted from 0) has label ${labels[wrong]}; expected ${allowed}. ` +
        'Labels are numbers of the classes, counted from 0.',
    );
  }
  const missing = labels.reduce((sum, label) => sum + (label < 0 ? 1 : 0), 0);
  if (missing > 0 && missing < count) {
    throw new UserError(
      `${where}: ${missing} of ${count} images have no label (-1). Move those of the training split to ` +
        'unlabeled, and leave those of the test split out; or give no image of the split a label.',
    );
  }
}

function checkPixels(where: string, images: Images | { file: string; size: number }, size: number): void {
  if (images.size !== size) {
    throw new UserError(`${where}: its images are ${images.size} pixels wide; expected ${size}.`);
  }
  if ('file' in images) return;
  const { count, pixels } = images;
  if (!(pixels instanceof Uint8Array)) {
    throw new UserError(
      `${where}: pixels must be a Uint8Array of values from 0 to 255. Multiply values from 0 to 1 by 255 and round them.`,
    );
  }
  if (pixels.length === count * size * size * 3) return;
  throw new UserError(
    `${where}: ${pixels.length} bytes of pixels; expected ${count} images x ${size} x ${size} x 3.`,
  );
}

/**
 * Why a dataset cannot be evaluated: no labels, no test images, or nothing to tell apart; undefined if it can.
 * Such a dataset is good for pretraining alone.
 */
export function whyNotEvaluated({ classes, train, test }: Dataset): string | undefined {
  if (!isLabeled(train)) return 'its training images have no labels';
  if (test.count === 0) return 'it has no test images';
  if (!isLabeled(test)) return 'its test images have no labels';
  if (classes.length < 2) return 'all of its images are of one class';
  return undefined;
}

/** @throws UserError if there is nothing that an evaluation could be compared with. */
export function checkEvaluated(dataset: Dataset): void {
  checkDataset(dataset);
  const why = whyNotEvaluated(dataset);
  if (why) throw new UserError(`${dataset.name} cannot be evaluated: ${why}.`);
}

/** Whether training images are of classes that can be told apart; if not, the purity of neighbors means nothing. */
export function hasClasses({ classes, train }: Dataset): boolean {
  return isLabeled(train) && classes.length > 1;
}

/** Whether a checked split has labels. */
export function isLabeled({ labels }: { labels: Int32Array }): boolean {
  return labels.length > 0 && labels[0] >= 0;
}
