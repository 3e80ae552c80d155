import { type Dataset, loadDataset, subset } from '../data';
import type { RunConfig } from '../training/config';

/**
 * The pictures a configuration asks for. Of a dataset with fewer than that, all are taken: what a run really
 * had stands in its record.
 */
export async function runDataset({ dataset, images }: RunConfig, data?: string): Promise<Dataset> {
  if (dataset === 'shapes10') return loadDataset(dataset, images);
  const whole = await loadDataset(dataset, { data, size: images.size });
  const train = Math.min(images.train ?? whole.train.count, whole.train.count);
  const test = Math.min(images.test ?? whole.test.count, whole.test.count);
  const all = train === whole.train.count && test === whole.test.count;
  return all ? whole : subset(whole, { train, test, seed: 1339 });
}
