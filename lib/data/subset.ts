import { UserError } from '../errors';
import { permutation, randomStream } from '../random';
import { datasetChecksum } from './checksum';
import { allocatePixels, type Dataset, type LabelledImages } from './dataset';

export interface SubsetOptions {
  /** Number of training pictures to keep; all where it is left out. */
  train?: number;
  /** Number of test pictures to keep; all where it is left out. */
  test?: number;
  seed: number;
}

/**
 * A part of a dataset with equally many pictures of each class (the first classes have one more where the
 * number does not divide), drawn by the seed and kept in their original order.
 * @throws UserError where a class has too few pictures.
 */
export function subset(dataset: Dataset, { train, test, seed }: SubsetOptions): Dataset {
  const splits = {
    train: train === undefined ? dataset.train : pick(dataset, 'train', train, seed),
    test: test === undefined ? dataset.test : pick(dataset, 'test', test, seed),
  };
  return { ...dataset, ...splits, checksum: datasetChecksum({ ...splits, unlabeled: dataset.unlabeled }) };
}

function pick(dataset: Dataset, split: 'train' | 'test', count: number, seed: number): LabelledImages {
  const images = dataset[split];
  const classes = dataset.classes.length;
  if (!Number.isInteger(count) || count < 1) {
    throw new UserError(
      `A subset of ${count} ${split} pictures is not possible: give a whole number from 1 on.`,
    );
  }
  const chosen = dataset.classes.flatMap((name, label) => {
    const wanted = Math.floor(count / classes) + (label < count % classes ? 1 : 0);
    const members = [...images.labels.keys()].filter((i) => images.labels[i] === label);
    if (members.length < wanted) {
      throw new UserError(
        `${count} ${split} pictures of ${dataset.name} need ${wanted} of class '${name}', which has ` +
          `${members.length}. Ask for fewer.`,
      );
    }
    const random = randomStream(seed, 'subset', split === 'train' ? 0 : 1, label);
    return [...permutation(random, members.length).subarray(0, wanted)].map((i) => members[i]);
  });
  return gather(
    images,
    chosen.sort((a, b) => a - b),
  );
}

function gather({ size, pixels, labels }: LabelledImages, chosen: number[]): LabelledImages {
  const bytes = size * size * 3;
  const kept = allocatePixels(chosen.length, size);
  chosen.forEach((image, i) => {
    kept.set(pixels.subarray(image * bytes, (image + 1) * bytes), i * bytes);
  });
  return {
    count: chosen.length,
    size,
    pixels: kept,
    labels: Int32Array.from(chosen, (image) => labels[image]),
  };
}
