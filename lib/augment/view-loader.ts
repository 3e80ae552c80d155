import { availableParallelism } from 'node:os';
import { extname, join } from 'node:path';
import { UserError } from '../core/errors';
import {
  allocatePixels,
  type Images,
  type Normalization,
  type OpenImages,
  openImages,
  type StoredImages,
  totalCount,
} from '../data';
import { checkLength } from './check';
import { checkRequest, makeViews, type ViewBatch, type ViewBatchRequest } from './make-views';
import { type Augmentation, type RecipeName, recipe } from './recipes';
import type { ViewWorkerData } from './view-worker';
import { WorkerPool } from './worker-pool';

export interface ViewLoaderOptions {
  /** Threads that make views; 0 makes them in the calling thread. Default: `defaultWorkers()`. */
  workers?: number;
  /** Most batches that are being made or wait to be taken. Default: one more than there are workers. */
  prefetch?: number;
}

/** Workers that leave cores to training: one less than there are cores, at least 1 and at most 4. */
export function defaultWorkers(cores: number = availableParallelism()): number {
  return Math.max(1, Math.min(4, cores - 1));
}

/**
 * Makes batches of augmented views ahead of the training loop that takes them.
 *
 * Neither the number of workers nor the prefetching changes a bit of the views (see `makeViews`).
 *
 * ```ts
 * const loader = new ViewLoader(dataset.train, ['strong', 'weak'], 32, dataset.normalization);
 * for await (const { indices, views } of loader.batches(requests)) {
 *   trainStep(views);
 *   loader.release(views);
 * }
 * await loader.close();
 * ```
 */
export class ViewLoader {
  private readonly augmentations: Augmentation[];
  private readonly prefetch: number;
  private readonly pool: WorkerPool<ViewBatchRequest, Float32Array[]> | undefined;
  private readonly free: Float32Array[][] = [];
  private readonly count: number;
  /** The images where the calling thread makes the views; threads open them for themselves. */
  private readonly opened: OpenImages | undefined;

  /**
   * @param images images, or sets of them of one size, which are counted on from one set to the next
   * @param recipes one view per recipe, in this order
   * @param size height and width of the views in pixels; recipe `test` keeps the images' own
   * @throws UserError for an unknown recipe, a size or a number of workers that is none, or pixels that are
   *   not `count` images
   */
  constructor(
    images: Images | StoredImages | readonly (Images | StoredImages)[],
    recipes: RecipeName[],
    size: number,
    private readonly normalization: Normalization,
    options: ViewLoaderOptions = {},
  ) {
    const workers = options.workers ?? defaultWorkers();
    this.prefetch = options.prefetch ?? workers + 1;
    checkWhole('workers', workers, 0);
    checkWhole('prefetch', this.prefetch, 1);
    const sets = 'count' in images ? [images] : images;
    for (const set of sets) checkPixels(set);
    this.count = totalCount(sets);
    this.augmentations = recipes.map((name) => recipe(name, size));
    if (workers === 0) this.opened = openImages(sets);
    else {
      const data: ViewWorkerData = { sets: sets.map(shared), recipes, size, normalization };
      this.pool = new WorkerPool(join(__dirname, `view-worker${extname(__filename)}`), data, workers);
    }
  }

  /**
   * The batches of the requests, in their order. Requests are taken as needed, so they may be endless; the
   * loop over the batches may be left early. A batch's arrays belong to whoever takes it.
   * @throws UserError for an index that is not an image's
   * @throws Error when a worker dies, or after `close()`
   */
  async *batches(requests: Iterable<ViewBatchRequest>): AsyncGenerator<ViewBatch, void, undefined> {
    if (this.opened) for (const request of requests) yield this.makeHere(request, this.opened);
    else if (this.pool) yield* this.prefetched(requests, this.pool);
  }

  /**
   * Lets a later batch be written over these views; they must not be looked at again. New memory costs as much
   * as painting weak views into it.
   */
  release(views: Float32Array[]): void {
    this.free.push(views);
  }

  /** Ends the workers and closes files. Batches that are still being made are lost. */
  async close(): Promise<void> {
    this.opened?.close();
    await this.pool?.close();
  }

  private makeHere(request: ViewBatchRequest, images: OpenImages): ViewBatch {
    const into = this.free.pop();
    return makeViews(images, this.augmentations, this.normalization, { ...request, into });
  }

  private async *prefetched(
    requests: Iterable<ViewBatchRequest>,
    pool: WorkerPool<ViewBatchRequest, Float32Array[]>,
  ): AsyncGenerator<ViewBatch, void, undefined> {
    const inFlight: { indices: Int32Array; views: Promise<Float32Array[]> }[] = [];
    const source = requests[Symbol.iterator]();
    let exhausted = false;
    const fill = () => {
      while (!exhausted && inFlight.length < this.prefetch) {
        const next = source.next();
        exhausted = next.done === true;
        if (!next.done) inFlight.push(this.makeThere(next.value, pool));
      }
    };
    try {
      fill();
      while (inFlight.length > 0) {
        const { indices, views } = inFlight[0];
        const batch = { indices, views: await views.catch(refuse) };
        inFlight.shift();
        fill();
        yield batch;
      }
    } finally {
      if (!exhausted) source.return?.();
    }
  }

  private makeThere(request: ViewBatchRequest, pool: WorkerPool<ViewBatchRequest, Float32Array[]>) {
    checkRequest({ count: this.count }, request);
    // A slice of its own: a message carries the whole buffer under an array, here often an epoch's order.
    const indices = request.indices.slice();
    const into = this.free.pop();
    const memory = (into ?? []).map((view) => view.buffer as ArrayBuffer);
    return { indices, views: pool.run({ ...request, indices, into }, memory) };
  }
}

/** The same images in memory that threads share; copied only if they are not there yet. */
function shared(images: Images | StoredImages): Images | StoredImages {
  if ('file' in images || images.pixels.buffer instanceof SharedArrayBuffer) return images;
  const pixels = allocatePixels(images.count, images.size);
  pixels.set(images.pixels);
  return { count: images.count, size: images.size, pixels };
}

function checkPixels(images: Images | StoredImages): void {
  if ('file' in images) return;
  const { count, size, pixels } = images;
  checkLength('The pixels', pixels.length, count * size * size * 3, `${count} images of ${size}x${size} RGB`);
}

/** A hole in the views is never passed over; whoever trains has checkpoints. */
function refuse(error: Error): never {
  throw new UserError(
    `Views could not be made: ${error.message} A run goes on from its last checkpoint when it is started again; ` +
      'fewer --workers take less memory.',
    { cause: error },
  );
}

function checkWhole(option: string, value: number, least: number): void {
  if (!Number.isInteger(value) || value < least) {
    throw new UserError(`The view loader's ${option} is ${value}. Give a whole number, ${least} or more.`);
  }
}
