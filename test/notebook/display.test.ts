import assert from 'node:assert/strict';
import { formatTable } from '../../lib/core/table';
import { learningCurves } from '../../lib/figures';
import { displayChart, displayFrame, displayTable, type FrameLike, frameTable } from '../../lib/notebook';
import { comparisonTable } from '../../lib/paper/comparison';
import { sampleRecord } from '../results/sample-record';
import { printed, shownInNotebook } from './in-notebook';

const frame: FrameLike = {
  columns: ['method', 'loss'],
  index: [0, 1],
  values: [
    ['<mnn>', 0.123456789],
    ['msf', Number.NaN],
  ],
  shape: [2, 2],
};

describe('display in a cell', () => {
  it('sends a chart once, as live chart, image and text', async () => {
    const spec = learningCurves([sampleRecord()]);
    const shown = await shownInNotebook(() => displayChart(spec));
    assert.equal(shown.length, 1);
    const { data } = shown[0];
    assert.equal(data['application/vnd.vegalite.v5+json'], spec);
    assert.match(Buffer.from(String(data['image/png']), 'base64').toString('latin1'), /^.PNG/);
    assert.match(String(data['text/plain']), /^Learning curves on shapes10\nReduced scale/);
  });

  it('sends a table as HTML and text', async () => {
    const table = comparisonTable([sampleRecord()]);
    const [{ data }] = await shownInNotebook(() => displayTable(table));
    assert.deepEqual(data, {
      'text/html': formatTable(table, 'html'),
      'text/plain': formatTable(table, 'text'),
    });
  });

  it('shows the values of a data frame, escaped, with dashes for what is missing', async () => {
    const [{ data }] = await shownInNotebook(() => displayFrame(frame));
    assert.match(String(data['text/html']), /&#60;mnn&#62;.*0\.123457.*\n.*msf.*–/);
  });

  it('shows a series, whose rows are single values', () => {
    const series = { columns: ['loss'], index: ['a', 'b'], values: [1, 2], shape: [2, 1] };
    assert.match(formatTable(frameTable(series), 'text'), /a +1\nb +2/);
  });

  it('cuts a long data frame and says so', () => {
    const values = Array.from({ length: 60 }, (_, i) => [i, i]);
    const table = frameTable({ columns: ['a', 'b'], index: values.map(([i]) => i), values, shape: [60, 2] });
    assert.equal(table.rows.length, 50);
    assert.deepEqual(table.notes, ['The first 50 of 60 rows.']);
  });
});

describe('display in a terminal', () => {
  it('prints tables and data frames as text', async () => {
    const table = comparisonTable([sampleRecord()]);
    assert.equal(await printed(() => displayTable(table)), formatTable(table, 'text'));
    assert.match(await printed(() => displayFrame(frame)), /method +loss/);
  });

  it("prints a chart's title", async () => {
    assert.match(
      await printed(() => displayChart(learningCurves([sampleRecord()]))),
      /^Learning curves on shapes10/,
    );
  });
});
