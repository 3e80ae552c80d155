import { denormalize, makeViews, recipe } from '../augment';
import { UserError, unknownName } from '../core/errors';
import { permutation, randomStream } from '../core/random';
import { type Dataset, datasetName, imagesAt, isLabeled, membersOf, openImages } from '../data';
import { paperSeeds, pretrainCrop } from '../presets';

import { type ImageRow, imageRows } from './image-rows';
import type { ChartSpec } from './spec';

export interface SampleOptions {
  /** Which classes, or how many, drawn at random; default 10. */
  classes?: number | readonly string[];
  /** Images of each class; default 8. */
  columns?: number;
  /** Seed of what is drawn; default 1339. */
  seed?: number;
}

/**
 * Training images of some classes, a row for each, and at last some without a label where there are any.
 * @throws UserError for a class that the dataset does not have.
 */
export async function datasetSamples(
  dataset: Dataset,
  { classes = 10, columns = 8, seed = paperSeeds[0] }: SampleOptions = {},
): Promise<ChartSpec> {
  const { train, unlabeled, imageSize } = dataset;
  const members = membersOf(train, dataset.classes.length);
  const shown = isLabeled(train) ? chosenClasses(dataset, classes, seed) : [];
  const rows = shown.map((label): ImageRow => {
    const order = permutation(randomStream(seed, 'subset', 0, label), members[label].length);
    const chosen = [...order.subarray(0, columns)].map((i) => members[label][i]);
    return { label: dataset.classes[label], images: imagesAt(train, chosen) };
  });
  const others = unlabeled ?? (isLabeled(train) ? undefined : train);
  if (others) {
    const order = permutation(randomStream(seed, 'subset', 2), others.count);
    rows.push({ label: 'unlabeled', images: imagesAt(others, [...order.subarray(0, columns)]) });
  }
  const ofClasses =
    shown.length < members.length ? `${shown.length} of its ${members.length} classes` : 'all its classes';
  const part = isLabeled(train) ? `of ${ofClasses}` : 'without labels';
  return imageRows(rows, {
    title: `${datasetName(dataset.name)}: training images`,
    subtitle: [`${columns} images of ${imageSize} x ${imageSize} pixels ${part}, drawn by seed ${seed}`],
  });
}

export interface ViewOptions {
  /** Number of the training image, from 0 on; by default the seed draws one. */
  image?: number;
  /** Views of each kind; default 8. */
  columns?: number;
  /** Seed of the run whose views are drawn; default 1339. */
  seed?: number;
  /** Height and width of the views; by default the paper's for this dataset. */
  cropSize?: number;
}

/**
 * A training image with its strong and weak views: those that a run of this seed on these images makes of it in
 * its first epochs.
 * @throws UserError where there is no such image.
 */
export async function datasetViews(dataset: Dataset, options: ViewOptions = {}): Promise<ChartSpec> {
  const { train, imageSize, classes, normalization } = dataset;
  const { columns = 8, seed = paperSeeds[0], cropSize = pretrainCrop(dataset) } = options;
  const { image = randomStream(seed, 'subset', 3).integer(0, train.count - 1) } = options;
  if (!Number.isInteger(image) || image < 0 || image >= train.count) {
    throw new UserError(
      `There is no training image ${image} of ${dataset.name} here: give --image a number from 0 to ${train.count - 1}.`,
    );
  }
  const kinds = ['strong', 'weak'] as const;
  const augmentations = kinds.map((kind) => recipe(kind, cropSize));
  const indices = Int32Array.of(image);
  const opened = openImages([train]);
  const epochs = Array.from(
    { length: columns },
    (_, epoch) =>
      makeViews(opened, augmentations, normalization, { indices, seed, epoch, purpose: 'augment' }).views,
  );
  opened.close();
  const row = (label: string, place: number): ImageRow => {
    const views = Float32Array.from(epochs.flatMap((epoch) => [...epoch[place]]));
    return { label, images: denormalize(views, cropSize, normalization) };
  };
  const name = classes[train.labels[image]] ?? 'without a label';
  return imageRows([{ label: 'image', images: imagesAt(train, [image]) }, ...kinds.map(row)], {
    title: `${datasetName(dataset.name)}: views of a training image`,
    subtitle: [
      `Image ${image} (${name}), ${imageSize} x ${imageSize} pixels, and its views of ${cropSize} x ${cropSize}`,
      `as a run of seed ${seed} sees them, epoch by epoch from its first`,
    ],
  });
}

/** Labels of the classes that are named, or of as many as asked for, in their own order. */
function chosenClasses({ classes }: Dataset, wanted: number | readonly string[], seed: number): number[] {
  if (typeof wanted !== 'number') {
    const unknown = wanted.find((name) => !classes.includes(name));
    if (unknown !== undefined) throw unknownName('class', unknown, classes);
    return wanted.map((name) => classes.indexOf(name));
  }
  const order = permutation(randomStream(seed, 'subset', 4), classes.length);
  return [...order.subarray(0, wanted).sort()];
}
