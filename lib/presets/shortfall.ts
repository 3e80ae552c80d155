import type { RunConfig } from '../config/run-config';
import { datasetName } from '../data';
import type { RunRecord } from '../results';
import { paperImages } from './paper-scale';
import { isPaperDataset } from './paper-settings';
import type { ImageCounts } from './scale';

/**
 * Says "20 of 5000 training pictures" where a run has fewer pictures than its configuration and the dataset as it was
 * published give; undefined where it has them all, or the dataset is not one of the paper's.
 */
export function shortfall(
  { dataset, images }: Pick<RunConfig, 'dataset' | 'images'>,
  has: ImageCounts,
): string | undefined {
  if (!isPaperDataset(dataset)) return undefined;
  const all = paperImages[dataset];
  const most = (count: number, asked = count) => Math.min(count, asked);
  const unlabeled = all.trainImages - all.labelledImages;
  const asked = images.perClass === undefined ? images.train : images.perClass * all.classes;
  const train = most(all.labelledImages, asked) + most(unlabeled, images.unlabeled);
  const test = most(all.testImages, images.test);
  const parts = [
    ...(has.trainImages < train ? [`${has.trainImages} of ${train} training pictures`] : []),
    ...(has.testImages < test ? [`${has.testImages} of ${test} test pictures`] : []),
  ];
  return parts.length > 0 ? parts.join(' and ') : undefined;
}

/** A sentence for each way in which records fall short of their pictures. */
export function shortfallNotes(records: readonly RunRecord[]): string[] {
  const notes = records.flatMap(({ config, dataset }) => {
    const short = shortfall(config, dataset);
    return short ? [`Made on ${short} of ${datasetName(config.dataset)}.`] : [];
  });
  return [...new Set(notes)];
}
