import type { RunConfig } from '../config/run-config';
import type { Dataset } from '../data';
import { datasetName } from '../data';
import { notWhole, runDataset } from '../runs';
import { readingBar } from './progress';

/** `runDataset` with a bar where reading takes long, and a line where there are fewer pictures than asked for. */
export async function readDataset(
  config: Pick<RunConfig, 'dataset' | 'images'>,
  data?: string,
): Promise<Dataset> {
  const bar = readingBar(datasetName(config.dataset));
  const dataset = await runDataset(config, data, bar.update).finally(bar.stop);
  const short = notWhole(config, dataset);
  if (short) console.error(short);
  return dataset;
}
