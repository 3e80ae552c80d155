import { UserError } from '../core/errors';
import { permutation, randomStream } from '../core/random';
import { datasetChecksum } from './checksum';
import { isLabeled } from './create-dataset';
import { allocatePixels, type Dataset, type Images, type StoredImages } from './dataset';
import { openImages } from './open-images';

export interface SubsetOptions {
  /** Number of training images to keep; all where it is left out. */
  train?: number;
  /** Number of training images of each class, in place of `train`. */
  perClass?: number;
  /** Number of test images to keep; all where it is left out. */
  test?: number;
  /** Number of unlabeled images to keep; all where it is left out. */
  unlabeled?: number;
  seed: number;
}

/**
 * A part of a dataset, drawn by the seed and kept in its original order. Labeled images are drawn class by class,
 * equally many of each (the first classes have one more where the number does not divide) as far as a class has them.
 * Where nothing is left out it is the dataset itself.
 * @throws UserError where there are fewer images than asked for.
 */
export function subset<T extends Dataset>(
  dataset: T,
  { train, perClass, test, unlabeled, seed }: SubsetOptions,
): T {
  const wanted = perClass === undefined ? train : allOf(dataset, perClass);
  const splits = {
    train: wanted === undefined ? dataset.train : pick(dataset, 'train', wanted, seed),
    test: test === undefined ? dataset.test : pick(dataset, 'test', test, seed),
    unlabeled: unlabeled === undefined ? dataset.unlabeled : pickUnlabeled(dataset, unlabeled, seed),
  };
  const isWhole = (['train', 'test', 'unlabeled'] as const).every(
    (split) => splits[split] === dataset[split],
  );
  if (isWhole) return dataset;
  return { ...dataset, ...splits, checksum: datasetChecksum(splits), drawnFrom: origin(dataset, seed) };
}

/** Of what, and how, a part is drawn; of a part it is still the whole dataset, by one seed after the other. */
function origin(
  { train, test, unlabeled, checksum, drawnFrom }: Dataset,
  seed: number,
): Dataset['drawnFrom'] {
  if (drawnFrom) return { ...drawnFrom, laterSeeds: [...(drawnFrom.laterSeeds ?? []), seed] };
  return {
    seed,
    trainImages: train.count,
    testImages: test.count,
    ...(unlabeled && { unlabeledImages: unlabeled.count }),
    checksum,
  };
}

/**
 * Numbers of the images of each class, in their order.
 * @param classes number of classes
 */
export function membersOf({ labels }: { labels: Int32Array }, classes: number): number[][] {
  const members: number[][] = Array.from({ length: classes }, () => []);
  labels.forEach((label, i) => {
    members[label]?.push(i);
  });
  return members;
}

/** How many images `perClass` of every class are, where each class has so many. */
function allOf({ name, classes, train }: Dataset, perClass: number): number {
  if (!isLabeled(train)) {
    throw new UserError(`${name} has no labels: ask for a number of training images, not of each class.`);
  }
  membersOf(train, classes.length).forEach(({ length }, label) => {
    if (length < perClass) {
      throw new UserError(
        `${perClass} training images of each class are not possible: ${name} has ${length} of class ` +
          `'${classes[label]}' here. Ask for fewer.`,
      );
    }
  });
  return perClass * classes.length;
}

function pick(dataset: Dataset, split: 'train' | 'test', count: number, seed: number): Dataset['train'] {
  const images = dataset[split];
  // Without labels all images are of one kind.
  const members = isLabeled(images)
    ? membersOf(images, dataset.classes.length)
    : [Array.from({ length: images.count }, (_, i) => i)];
  const available = members.map(({ length }) => length);
  checkCount(
    dataset,
    split,
    count,
    1,
    available.reduce((sum, length) => sum + length, 0),
  );
  if (count === images.count) return images;
  const chosen = quotas(available, count).flatMap((quota, label) => {
    const random = randomStream(seed, 'subset', split === 'train' ? 0 : 1, label);
    return [...permutation(random, available[label]).subarray(0, quota)].map((i) => members[label][i]);
  });
  chosen.sort((a, b) => a - b);
  const labels = Int32Array.from(chosen, (image) => images.labels[image]);
  if ('file' in images) return { ...pickStored(images, Int32Array.from(chosen)), labels };
  return { ...imagesAt(images, chosen), labels };
}

function pickUnlabeled(dataset: Dataset, count: number, seed: number): Dataset['unlabeled'] {
  const { unlabeled } = dataset;
  checkCount(dataset, 'unlabeled', count, 0, unlabeled?.count ?? 0);
  if (!unlabeled || count === 0) return undefined;
  if (count === unlabeled.count) return unlabeled;
  const order = permutation(randomStream(seed, 'subset', 2), unlabeled.count);
  const chosen = order.subarray(0, count).sort();
  return 'file' in unlabeled ? pickStored(unlabeled, chosen) : imagesAt(unlabeled, [...chosen]);
}

function pickStored(images: StoredImages, chosen: Int32Array): StoredImages {
  const { places } = images;
  return { ...images, count: chosen.length, places: chosen.map((image) => places?.[image] ?? image) };
}

function checkCount({ name }: Dataset, kind: string, count: number, least: number, most: number): void {
  if (!Number.isInteger(count) || count < least) {
    throw new UserError(
      `A subset of ${count} ${kind} images is not possible: give a whole number from ${least} on.`,
    );
  }
  if (count > most) {
    throw new UserError(`${name} has ${most} ${kind} images here, not ${count}. Ask for fewer.`);
  }
}

/** How many to take of each class, one of each in turn for as long as it has any. */
function quotas(available: number[], count: number): number[] {
  const taken = available.map(() => 0);
  for (let left = count; left > 0; ) {
    for (let label = 0; label < available.length && left > 0; label++) {
      if (taken[label] === available[label]) continue;
      taken[label] += 1;
      left -= 1;
    }
  }
  return taken;
}

/**
 * Some of the images, in the order of their numbers, in memory.
 * @throws UserError where they are in a file that cannot be read.
 */
export function imagesAt(images: Images | StoredImages, chosen: readonly number[]): Images {
  const { size } = images;
  const pixels = allocatePixels(chosen.length, size);
  const opened = openImages([images]);
  try {
    chosen.forEach((image, i) => {
      pixels.set(opened.image(image), i * size * size * 3);
    });
  } finally {
    opened.close();
  }
  return { count: chosen.length, size, pixels };
}
