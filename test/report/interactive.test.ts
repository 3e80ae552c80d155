import assert from 'node:assert/strict';
import { learningCurves } from '../../lib/figures';
import { ChartData, interactive } from '../../lib/report/interactive';
import { sampleRecord } from '../results/sample-record';

describe('A chart of the report', () => {
  const records = [sampleRecord('mnn'), sampleRecord('msf')];

  it('shares its data with the chart of the other theme', () => {
    const data = new ChartData();
    interactive(learningCurves(records, { theme: 'light' }), data);
    const alone = Object.keys(data.sets).length;
    const dark = interactive(learningCurves(records, { theme: 'dark' }), data);
    assert.ok(alone > 0);
    assert.equal(Object.keys(data.sets).length, alone);
    assert.ok(!JSON.stringify(dark).includes('"values":[{'));
  });

  it('has points on its lines that show their values', () => {
    const spec = learningCurves(records);
    const text = JSON.stringify(interactive(spec, new ChartData()));
    const targets = text.match(/"size":120,"opacity":0,"tooltip":\{"content":"data"\}/g);
    assert.equal(targets?.length, (spec.hconcat as unknown[]).length);
  });
});
