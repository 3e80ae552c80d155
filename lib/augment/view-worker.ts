import { parentPort, workerData } from 'node:worker_threads';
import type { Images, Normalization, StoredImages } from '../data';
import { openImages } from '../data';
import { makeViews, type ViewBatchRequest } from './make-views';
import { type RecipeName, recipe } from './recipes';

/** What a worker of the view loader is started with; the `pixels` of sets in memory lie in shared memory. */
export interface ViewWorkerData {
  sets: (Images | StoredImages)[];
  recipes: RecipeName[];
  size: number;
  normalization: Normalization;
}

const { sets, recipes, size, normalization } = workerData as ViewWorkerData;
// A thread has files open for itself: each reads at its own place.
const images = openImages(sets);
const augmentations = recipes.map((name) => recipe(name, size));

parentPort!.on('message', ({ job, task }: { job: number; task: ViewBatchRequest }) => {
  const { views } = makeViews(images, augmentations, normalization, task);
  // Transferred, not copied: the arrays are of no more use here.
  const transfer = views.map((view) => view.buffer as ArrayBuffer);
  parentPort!.postMessage({ job, result: views }, transfer);
});
