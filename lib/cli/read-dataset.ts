import type { Dataset } from '../data';
import { datasetName } from '../results';
import { runDataset } from '../runs';
import type { RunConfig } from '../training';
import { readingBar } from './progress';

/** `runDataset` with a bar where reading takes long. */
export async function readDataset(
  config: Pick<RunConfig, 'dataset' | 'images'>,
  data?: string,
): Promise<Dataset> {
  const bar = readingBar(datasetName(config.dataset));
  return runDataset(config, data, bar.update).finally(bar.stop);
}
