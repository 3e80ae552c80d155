import type { Table } from '../core/table';
import { isLabelled } from './create-dataset';
import type { Dataset, LabelledImages } from './dataset';
import { membersOf } from './subset';

/** Class names that are listed; of more, these are the first. */
const mostNames = 20;

/**
 * What a dataset holds, split by split.
 * @param folder where its files lie, to be told too.
 */
export function datasetTable(dataset: Dataset, folder?: string): Table {
  const { train, test, unlabeled, classes, imageSize, checksum, drawnFrom } = dataset;
  const labelled = (split: string, images: LabelledImages) => ({
    split,
    pictures: images.count,
    perClass: isLabelled(images)
      ? range(membersOf(images, classes.length).map(({ length }) => length))
      : null,
  });
  return {
    columns: [
      { key: 'split', label: 'split', align: 'left' },
      { key: 'pictures', label: 'pictures', align: 'right' },
      { key: 'perClass', label: 'of each class', align: 'right' },
    ],
    rows: [
      labelled('train', train),
      ...(unlabeled ? [{ split: 'unlabelled', pictures: unlabeled.count, perClass: null }] : []),
      labelled('test', test),
    ],
    notes: [
      `${imageSize} x ${imageSize} pixels, RGB; ${classes.length === 0 ? 'no classes' : `${classes.length} classes: ${listed(classes)}`}.`,
      ...(drawnFrom ? [`A part of ${wholeText(drawnFrom)}.`] : []),
      `Checksum (sha256): ${checksum}`,
      ...(folder === undefined ? [] : [`Folder: ${folder}`]),
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
  const unlabelled = unlabeledImages === undefined ? '' : ` and ${unlabeledImages} without a label`;
  const seeds = [seed, ...laterSeeds].map((each) => `seed ${each}`).join(', then ');
  return `${trainImages} training and ${testImages} test pictures${unlabelled}, drawn by ${seeds}`;
}

function range(counts: number[]): string {
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  return least === most ? String(least) : `${least} to ${most}`;
}

function listed(names: string[]): string {
  const first = names.slice(0, mostNames).join(', ');
  return names.length > mostNames ? `${first} and ${names.length - mostNames} more` : first;
}
