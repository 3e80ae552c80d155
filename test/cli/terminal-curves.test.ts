import assert from 'node:assert/strict';
import { terminalCurves } from '../../lib/cli/terminal-curves';
import type { RunRecord } from '../../lib/results';
import { sampleRecord } from '../results/sample-record';

const terminal = { isTTY: true as const, columns: 80, hasColors: () => false };

function run(method: string, accuracies: (number | null)[]): RunRecord {
  const record = sampleRecord(method);
  const [point] = record.curves;
  record.curves = accuracies.map((knnTop1, i) => ({ ...point, epoch: i + 1, knnTop1 }));
  record.metrics.rawPixelKnnTop1 = 28;
  return record;
}

describe('Curves in the terminal', () => {
  const records = [run('mnn', [20, 35, 47, 52]), run('msf', [20, null, 30, 33]), run('untrained', [])];

  it('show the accuracy of each trained method, and of raw pixels, in the width that there is', () => {
    const chart = terminalCurves(records, terminal)!;
    for (const word of ['k-NN accuracy', 'MNN', 'MSF', 'raw pixels', '50', '20'])
      assert.ok(chart.includes(word), word);
    assert.ok(!chart.includes('Untrained') && !chart.includes('\u001b'), chart);
    assert.ok(
      chart.split('\n').every((line) => line.length <= 80),
      chart,
    );
    assert.ok(terminalCurves(records, { ...terminal, hasColors: () => true })!.includes('\u001b['));
  });

  it('are left out where they cannot be shown', () => {
    assert.equal(terminalCurves(records, { ...terminal, isTTY: false as never }), null);
    assert.equal(terminalCurves(records, { ...terminal, columns: 40 }), null);
    assert.equal(terminalCurves([run('untrained', [])], terminal), null);
  });
});
