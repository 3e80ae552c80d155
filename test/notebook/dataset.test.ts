import assert from 'node:assert/strict';
import { formatTable } from '../../lib/core/table';
import { shapes10 } from '../../lib/data';
import { datasetTable } from '../../lib/data/dataset-table';
import { datasetSamples, datasetViews } from '../../lib/figures';
import { displayDataset, displayViews } from '../../lib/notebook';
import { shownInNotebook } from './in-notebook';

describe('A dataset in a cell', () => {
  const dataset = shapes10({ train: 20, test: 10 });
  const chart = 'application/vnd.vegalite.v5+json';

  it('is a table of its splits and a chart of its images', async () => {
    const few = { classes: 2, columns: 2 };
    const [table, images] = await shownInNotebook(() => displayDataset(dataset, few));
    assert.equal(table.data['text/html'], formatTable(datasetTable(dataset), 'html'));
    assert.deepEqual(images.data[chart], await datasetSamples(dataset, few));
    assert.match(String(images.data['text/plain']), /^shapes10: training images/);
  });

  it('has the views of an image as one chart', async () => {
    const options = { image: 3, columns: 1 };
    const shown = await shownInNotebook(() => displayViews(dataset, options));
    assert.deepEqual(
      shown.map(({ data }) => data[chart]),
      [await datasetViews(dataset, options)],
    );
  });
});
