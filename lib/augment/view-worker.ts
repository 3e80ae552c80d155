import { parentPort, workerData } from 'node:worker_threads';
import type { Images, Normalization } from '../data/dataset';
import { makeViews, type ViewBatchRequest } from './make-views';
import { type RecipeName, recipe } from './recipes';

/** What a worker of the view loader is started with; `images.pixels` lies in shared memory. */
export interface ViewWorkerData {
  images: Images;
  recipes: RecipeName[];
  size: number;
  normalization: Normalization;
}

const { images, recipes, size, normalization } = workerData as ViewWorkerData;
const augmentations = recipes.map((name) => recipe(name, size));

parentPort!.on('message', ({ job, task }: { job: number; task: ViewBatchRequest }) => {
  const { views } = makeViews(images, augmentations, normalization, task);
  // Transferred, not copied: the arrays are of no more use here.
  const transfer = views.map((view) => view.buffer as ArrayBuffer);
  parentPort!.postMessage({ job, result: views }, transfer);
});
