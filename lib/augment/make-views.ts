import { UserError } from '../core/errors';
import { randomStream } from '../core/random';
import type { Images, Normalization } from '../data';
import { type OpenImages, openImages } from '../data';
import type { Augmentation } from './recipes';

/** The images of one batch, and where in the run they are augmented. */
export interface ViewBatchRequest {
  /** Places of the images in the dataset. */
  indices: Int32Array;
  seed: number;
  epoch: number;
  purpose: 'augment' | 'linear-augment';
  /** Arrays for the views that nobody uses any more; those of another length are passed over. */
  into?: Float32Array[];
}

export interface ViewBatch {
  /** The request's indices: row i of each view shows image indices[i]. */
  indices: Int32Array;
  /** Per recipe one normalized float32 array [B, S, S, 3]. */
  views: Float32Array[];
}

/**
 * Makes one view of each image per augmentation, in the calling thread.
 *
 * Each view has a random stream of its own, named by seed, purpose, epoch, image and the augmentation's
 * place in the list: neither the other images of the batch nor the order of batches matter.
 * @throws UserError for an index that is not an image's
 */
export function makeViews(
  images: Images | OpenImages,
  augmentations: readonly Augmentation[],
  normalization: Normalization,
  request: ViewBatchRequest,
): ViewBatch {
  checkRequest(images, request);
  const { indices, seed, epoch, purpose, into = [] } = request;
  const opened = 'image' in images ? images : openImages([images]);
  const lengths = augmentations.map((augmentation) => augmentation.viewSize(images.size) ** 2 * 3);
  const views = lengths.map((viewLength, viewNumber) => {
    const length = indices.length * viewLength;
    return into[viewNumber]?.length === length ? into[viewNumber] : new Float32Array(length);
  });
  indices.forEach((index, row) => {
    // Once for all its views: it may have to be read from a file.
    const whole = augmentations.some((augmentation) => !augmentation.whole) && opened.whole(index);
    augmentations.forEach((augmentation, viewNumber) => {
      const random = randomStream(seed, purpose, epoch, index, viewNumber);
      const at = row * lengths[viewNumber];
      const view = views[viewNumber];
      if (whole && !augmentation.whole)
        augmentation.apply(whole.pixels, whole, random, normalization, view, at);
      else augmentation.apply(opened.image(index), images.size, random, normalization, view, at);
    });
  });
  return { indices, views };
}

/** @throws UserError when the request asks for an image that is not there. */
export function checkRequest({ count }: { count: number }, { indices }: ViewBatchRequest): void {
  const wrong = indices.find((index) => index < 0 || index >= count);
  if (wrong !== undefined) {
    throw new UserError(`There is no image ${wrong}. Ask for images 0 to ${count - 1}.`);
  }
}
