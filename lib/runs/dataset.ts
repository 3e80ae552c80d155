import type { RunConfig } from '../config/run-config';
import { UserError } from '../core/errors';
import {
  type Dataset,
  datasetName,
  drawnDefaults,
  findRegistered,
  loadDataset,
  membersOf,
  type Progress,
  subset,
} from '../data';
import { shortfall } from '../presets';
import type { RunRecord } from '../results';

/**
 * The images a configuration asks for. Of a dataset with fewer than that, all are taken: what a run really
 * had stands in its record.
 * @param onProgress told how much of the dataset is read, where that takes long.
 * @throws UserError where the dataset is missing or unknown, or a class has fewer images than `perClass`.
 */
export async function loadDatasetFor(
  { dataset, images }: Pick<RunConfig, 'dataset' | 'images'>,
  data?: string,
  onProgress?: Progress,
): Promise<Dataset> {
  if (findRegistered(dataset).drawn) return loadDataset(dataset, images);
  const { size, testShare, skipBroken, perClass, seed = drawnDefaults.seed, ...asked } = images;
  const whole = await loadDataset(dataset, { data, size, testShare, skipBroken, seed, onProgress });
  const some = {
    train: fewer(asked.train, whole.train.count),
    test: fewer(asked.test, whole.test.count),
    unlabeled: fewer(asked.unlabeled, whole.unlabeled?.count ?? 0),
    perClass,
  };
  return Object.values(some).every((count) => count === undefined) ? whole : subset(whole, { ...some, seed });
}

/**
 * Checks that a dataset is the one that a configuration names, so that no record tells of other images than it was
 * made on. It may have fewer images than the configuration asks for, but not more.
 * @throws UserError that names what differs.
 */
export function checkFits(
  { dataset: name, images }: Pick<RunConfig, 'dataset' | 'images'>,
  dataset: Dataset,
): void {
  const refuse = (asked: string, has: string) =>
    new UserError(
      `The configuration asks for ${asked}, and the dataset given has ${has}. Load the dataset with ` +
        'loadDatasetFor(config), take a part of it with subset, or set what the configuration asks for.',
    );
  if (dataset.name !== name) throw refuse(`the dataset ${name}`, `the name ${dataset.name}`);
  const { imageSize } = dataset;
  if ((images.size ?? imageSize) !== imageSize) {
    throw refuse(`images ${images.size} pixels wide`, `images of ${imageSize}`);
  }
  const train = images.perClass === undefined ? images.train : images.perClass * dataset.classes.length;
  const counts = [
    ['training', train, dataset.train.count],
    ['test', images.test, dataset.test.count],
    ['unlabeled', images.unlabeled, dataset.unlabeled?.count ?? 0],
  ] as const;
  for (const [split, asked = Infinity, has] of counts) {
    if (has > asked) throw refuse(`${asked} ${split} images`, String(has));
  }
}

/** What a record says of a folder of one's own images; nothing of other datasets. */
export function folderFacts({
  classes,
  train,
  test,
  imageSize,
  normalization,
  origin,
}: Dataset): Pick<RunRecord['dataset'], 'folder'> {
  if (!origin) return {};
  const counts = [train, test].map(({ labels }) =>
    membersOf({ labels }, classes.length).map((members) => members.length),
  );
  return {
    folder: {
      ...origin,
      perClass: classes.map((name, label) => ({ name, train: counts[0][label], test: counts[1][label] })),
      imageSize,
      mean: [...normalization.mean],
      std: [...normalization.std],
    },
  };
}

/** Says so in a line where `loadDatasetFor` found fewer images than a configuration asks for. */
export function datasetWarning(
  config: Pick<RunConfig, 'dataset' | 'images'>,
  { train, test, unlabeled }: Dataset,
): string | undefined {
  const has = { trainImages: train.count + (unlabeled?.count ?? 0), testImages: test.count };
  const short = shortfall(config, has);
  return short && `${datasetName(config.dataset)} is not whole here: ${short}.`;
}

/** What is asked for where it is less than all there are; undefined stands for all. */
function fewer(asked: number | undefined, all: number): number | undefined {
  return asked !== undefined && asked < all ? asked : undefined;
}
