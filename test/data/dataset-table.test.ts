import assert from 'node:assert/strict';
import { formatTable } from '../../lib/core/table';
import { shapes10, subset } from '../../lib/data';
import { datasetTable } from '../../lib/data/dataset-table';

describe('The table of a dataset', () => {
  const dataset = shapes10({ train: 42, test: 20 });

  it('has the images of each split and of its classes, and what tells the images apart', () => {
    const { rows, notes } = datasetTable(dataset, '/somewhere');
    assert.deepEqual(rows, [
      { split: 'train', images: 42, perClass: '4 to 5' },
      { split: 'test', images: 20, perClass: '2' },
    ]);
    const text = notes.join('\n');
    for (const pattern of [/16 x 16 pixels.* 10 classes: disc, ring/, /\/somewhere/])
      assert.match(text, pattern);
    assert.ok(text.includes(dataset.checksum));
  });

  it('has images without labels, and says of what a part was drawn', () => {
    const part = subset({ ...dataset, unlabeled: dataset.test }, { train: 10, unlabeled: 5, seed: 3 });
    const text = formatTable(datasetTable(part), 'text');
    assert.match(text, /unlabeled +5/);
    assert.match(text, /A part of 42 training and 20 test images and 20 without a label, drawn by seed 3/);
  });

  it('lists the first of many classes', () => {
    const classes = Array.from({ length: 100 }, (_, i) => `class ${i}`);
    assert.match(
      datasetTable({ ...dataset, classes }).notes[0],
      /100 classes: class 0, .*, class 19 and 80 more/,
    );
  });
});
