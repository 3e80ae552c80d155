import type { Dataset } from '../data';
import { datasetTable } from '../data';
import { datasetSamples, datasetViews, type SampleOptions, type ViewOptions } from '../figures';
import { displayChart, displayTable } from './display';

/**
 * Shows below the cell what a dataset holds and some of its training pictures, class by class.
 * @throws UserError for a class that the dataset does not have.
 */
export async function displayDataset(dataset: Dataset, options: SampleOptions = {}): Promise<void> {
  displayTable(datasetTable(dataset));
  await displayChart(await datasetSamples(dataset, options));
}

/**
 * Shows a training picture with strong and weak views of it below the cell.
 * @throws UserError where there is no such picture.
 */
export async function displayViews(dataset: Dataset, options: ViewOptions = {}): Promise<void> {
  await displayChart(await datasetViews(dataset, options));
}
