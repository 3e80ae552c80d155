import type { Dataset, Images, StoredImages } from './dataset';
import { totalCount } from './open-images';

/** The pictures that pretraining sees. */
export interface PretrainingImages {
  /** Sets of pictures, counted on from one to the next. */
  sets: (Images | StoredImages)[];
  count: number;
  /**
   * -1 for a picture without a label. Labels are used for the neighbours' purity alone, where -1 and -1 count as
   * the same class, as in the authors' code: on STL-10 the purity says little.
   */
  labels: Int32Array;
}

/** A dataset's training pictures and, after them, those without labels: STL-10's "train+unlabeled". */
export function pretrainingImages({ train, unlabeled }: Dataset): PretrainingImages {
  const sets = unlabeled ? [train, unlabeled] : [train];
  const labels = new Int32Array(totalCount(sets)).fill(-1);
  labels.set(train.labels);
  return { sets, count: labels.length, labels };
}
