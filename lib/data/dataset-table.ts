import type { Table } from '../core/table';
import { isLabeled } from './create-dataset';
import type { Dataset } from './dataset';
import { membersOf } from './subset';

/** Class names that are listed; of more, these are the first. */
const maxNames = 20;

/**
 * What a dataset holds, split by split.
 * @param folder where its files lie, to be told too.
 */
export function datasetTable(dataset: Dataset, folder?: string): Table {
  const { train, test, unlabeled, classes, imageSize, checksum, drawnFrom, origin } = dataset;
  const labeled = (split: string, images: Dataset['train']) => ({
    split,
    images: images.count,
    perClass: isLabeled(images) ? range(membersOf(images, classes.length).map(({ length }) => length)) : null,
  });
  return {
    columns: [
      { key: 'split', label: 'split', align: 'left' },
      { key: 'images', label: 'images', align: 'right' },
      { key: 'perClass', label: 'of each class', align: 'right' },
    ],
    rows: [
      labeled('train', train),
      ...(unlabeled ? [{ split: 'unlabeled', images: unlabeled.count, perClass: null }] : []),
      labeled('test', test),
    ],
    notes: [
      `${imageSize} x ${imageSize} pixels, RGB; ${classes.length === 0 ? 'no classes' : `${classes.length} classes: ${listed(classes)}`}.`,
      ...(origin ? [`Labels: ${origin.labels}.`] : []),
      ...(drawnFrom ? [`A part of ${wholeText(drawnFrom)}.`] : []),
      `Checksum (sha256): ${checksum}`,
      ...(folder === undefined ? [] : [`Folder: ${folder}`]),
      ...(dataset.notes ?? []),
    ],
  };
}

/** Of what a part of a dataset was taken, in words. */
export function wholeText({
  seed,
  trainImages,
  testImages,
  unlabeledImages,
  laterSeeds = [],
}: NonNullable<Dataset['drawnFrom']>): string {
  const unlabeled = unlabeledImages === undefined ? '' : ` and ${unlabeledImages} without a label`;
  const seeds = [seed, ...laterSeeds].map((each) => `seed ${each}`).join(', then ');
  return `${trainImages} training and ${testImages} test images${unlabeled}, drawn by ${seeds}`;
}

function range(counts: number[]): string {
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  return least === most ? String(least) : `${least} to ${most}`;
}

function listed(names: string[]): string {
  const first = names.slice(0, maxNames).join(', ');
  return names.length > maxNames ? `${first} and ${names.length - maxNames} more` : first;
}
