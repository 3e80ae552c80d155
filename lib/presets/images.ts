import { checkImages, type ImageSettings } from '../config/run-config';
import { UserError } from '../core/errors';
import { datasetNames, knownDataset } from '../data';

/** Which images a run is to have, where not those of its preset. */
export type ImageChoice = Partial<ImageSettings> & {
  /** At most so many of the training, the unlabeled and the test images each, where no other key says how many. */
  limit?: number;
};

/** Whether a dataset comes with images without labels, which pretraining uses too. */
export function hasUnlabeled(dataset: string): boolean {
  return (knownDataset(dataset)?.unlabeled ?? 0) > 0;
}

/**
 * The images of a run: those that are asked for, and of the rest as many as the preset has, within the limit.
 * @throws UserError for a number of unlabeled images of a dataset that has none, or training images counted twice.
 */
export function chosenImages(
  dataset: string,
  preset: ImageSettings,
  choice: ImageChoice = {},
): ImageSettings {
  const { limit, ...given } = choice;
  checkImages(given);
  checkFolderChoices(dataset, given);
  if (given.unlabeled !== undefined && !hasUnlabeled(dataset)) {
    throw new UserError(
      `${dataset} has no unlabeled images, only ${withUnlabeled()} has: leave --unlabeled ${given.unlabeled} out.`,
    );
  }
  const { train, ...rest } = limit === undefined ? preset : { ...preset, ...limited(dataset, preset, limit) };
  return { ...rest, ...(train !== undefined && given.perClass === undefined && { train }), ...given };
}

/** @throws UserError for a choice that only the images of a folder have. */
function checkFolderChoices(dataset: string, { size, testShare, skipBroken }: ImageSettings): void {
  const known = knownDataset(dataset);
  if (known === undefined || known.isFolder) return;
  const refuse = (what: string) =>
    new UserError(`${what} is for folders of your own images, and ${dataset} is none: leave it out.`);
  if (testShare !== undefined) throw refuse(`A test share of ${testShare}`);
  if (skipBroken !== undefined) throw refuse('Skipping broken images');
  if (size !== undefined && !known.drawn && size !== known.imageSize)
    throw refuse(`An image size of ${size}`);
}

function withUnlabeled(): string {
  const names = datasetNames().filter(hasUnlabeled);
  return names.join(', ');
}

function limited(dataset: string, preset: ImageSettings, limit: number): ImageSettings {
  const least = (count = limit) => Math.min(count, limit);
  return {
    train: least(preset.train),
    test: least(preset.test),
    ...(hasUnlabeled(dataset) && { unlabeled: least(preset.unlabeled) }),
  };
}
