import assert from 'node:assert/strict';
import { summarize } from '../../lib/core/statistics';
import { scaleSentence, seedsSentence, seriesOf, stylesOf } from '../../lib/figures/series';
import type { RunRecord } from '../../lib/results';
import { sampleRecord } from '../results/sample-record';

function record(
  method: string,
  seed: number,
  change: (config: RunRecord['config']) => void = () => {},
): RunRecord {
  const one = sampleRecord(method, 70, seed);
  change(one.config);
  return one;
}
const labels = (records: RunRecord[], varied: string[] = []) =>
  seriesOf(records, varied).map(({ label }) => label);

describe('Series', () => {
  it('gather the seeds of one configuration', () => {
    const series = seriesOf([record('mnn', 1), record('msf', 1), record('mnn', 2)]);
    assert.deepEqual(
      series.map(({ label, records }) => [label, records.map(({ config }) => config.seed)]),
      [
        ['MNN', [1, 2]],
        ['MSF', [1]],
      ],
    );
  });

  it('never average runs of different settings, and name what differs', () => {
    const other = record('mnn', 2, (config) => {
      config.options.topK = 1;
    });
    assert.deepEqual(labels([record('mnn', 1), other]), ['MNN, topK 5', 'MNN, topK 1']);
    assert.deepEqual(labels([record('mnn', 1), other], ['options.topK']), ['MNN']);
  });

  it('name another preset alone, and not all that follows from it', () => {
    const small = record('mnn', 1, (config) => {
      config.preset = 'small';
      config.model.width = 16;
      config.training.epochs = 20;
    });
    assert.deepEqual(labels([record('mnn', 1), small]), ['MNN, preset quick', 'MNN, preset small']);
  });

  it('look like their method where it has one, and different where it has several', () => {
    const wide = record('mnn', 1, (config) => {
      config.model.width = 16;
    });
    const [alone] = stylesOf(seriesOf([record('mnn', 1)]), 'light');
    const [inCompany] = stylesOf(seriesOf([record('mnn', 1), record('msf', 1)]), 'light');
    assert.deepEqual(alone, inCompany);
    const [one, two, msf] = stylesOf(seriesOf([record('mnn', 1), wide, record('msf', 1)]), 'light');
    assert.equal(new Set([one, two, msf].map(({ color, dash }) => `${color} ${dash}`)).size, 3);
  });

  it('have the mean and the sample standard deviation of their seeds', () => {
    assert.deepEqual(summarize([1, 3]), { mean: 2, deviation: Math.SQRT2, count: 2 });
    assert.deepEqual(summarize([5]), { mean: 5, deviation: 0, count: 1 });
  });

  it('say of how many seeds they are, where these are several', () => {
    assert.deepEqual(seedsSentence([1, 1], 'band'), []);
    assert.deepEqual(seedsSentence([3, 3], 'band'), ['Mean over 3 seeds; band of one standard deviation']);
    assert.deepEqual(seedsSentence([1, 3], 'band'), [
      'Mean over 1 to 3 seeds; band of one standard deviation',
    ]);
  });

  it('say that the scale is reduced when one run of several is', () => {
    const full = { ...record('mnn', 1), scale: 'paper' as const };
    assert.match(scaleSentence([full, record('mnn', 2)]), /^Reduced scale, not the paper’s/);
    assert.match(scaleSentence([full]), /^The paper’s scale/);
  });
});
