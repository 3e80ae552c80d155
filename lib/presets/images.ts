import { checkPictures, type Pictures } from '../config/run-config';
import { UserError } from '../core/errors';
import { datasetNames, knownDataset } from '../data';

/** Which pictures a run is to have, where not those of its preset. */
export type PictureChoice = Partial<Pictures> & {
  /** At most so many of the training, the unlabelled and the test pictures each, where no other key says how many. */
  limit?: number;
};

/** Whether a dataset comes with pictures without labels, which pretraining uses too. */
export function hasUnlabeled(dataset: string): boolean {
  return (knownDataset(dataset)?.unlabeled ?? 0) > 0;
}

/**
 * The pictures of a run: those that are asked for, and of the rest as many as the preset has, within the limit.
 * @throws UserError for a number of unlabelled pictures of a dataset that has none, or training pictures counted twice.
 */
export function chosenPictures(dataset: string, preset: Pictures, choice: PictureChoice = {}): Pictures {
  const { limit, ...given } = choice;
  checkPictures(given);
  if (given.unlabeled !== undefined && !hasUnlabeled(dataset)) {
    throw new UserError(
      `${dataset} has no unlabelled pictures, only ${withUnlabeled()} has: leave --unlabeled ${given.unlabeled} out.`,
    );
  }
  const { train, ...rest } = limit === undefined ? preset : { ...preset, ...limited(dataset, preset, limit) };
  return { ...rest, ...(train !== undefined && given.perClass === undefined && { train }), ...given };
}

function withUnlabeled(): string {
  const names = datasetNames().filter(hasUnlabeled);
  return names.join(', ');
}

function limited(dataset: string, preset: Pictures, limit: number): Pictures {
  const least = (count = limit) => Math.min(count, limit);
  return {
    train: least(preset.train),
    test: least(preset.test),
    ...(hasUnlabeled(dataset) && { unlabeled: least(preset.unlabeled) }),
  };
}
