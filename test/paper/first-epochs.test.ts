import assert from 'node:assert/strict';
import type { RunConfig } from '../../lib/config/run-config';
import { formatTable } from '../../lib/core/table';
import { curveAgreement, firstEpochsTable, publishedCurves, tolerance } from '../../lib/paper';
import { presetConfig } from '../../lib/presets';
import type { PartialRecord } from '../../lib/results';
import { sampleRecord } from '../results/sample-record';
import { recordOf } from './paper-record';

/** The first epochs of a run at the paper's scale, with these accuracies; null after an epoch without evaluation. */
function partialOf(config: RunConfig, accuracies: (number | null)[]): PartialRecord {
  const { metrics: _m, linearCurve: _l, predictions: _p, ...record } = recordOf(config);
  const [point] = sampleRecord().curves;
  const curves = accuracies.map((knnTop1, i) => ({ ...point, epoch: i + 1, knnTop1 }));
  return { ...record, schemaVersion: 1, kind: 'partial-run', curves };
}

describe('The first epochs beside a published curve', () => {
  const ressl = presetConfig({ preset: 'paper', method: 'ressl', dataset: 'cifar10' });
  const none = [null, null, null];
  const seeds = tolerance('knn-top1', 1)!;

  it('are within, up to what the curve may be misread by and seeds vary by, or outside', () => {
    const record = partialOf(ressl, [
      39,
      40.9,
      null,
      null,
      42 + 0.2 + seeds + 0.01,
      ...none,
      null,
      49.1 - 0.19 - seeds,
    ]);
    const [curve] = publishedCurves(ressl);
    const agreement = curveAgreement(record, curve);
    assert.deepEqual(
      agreement.map(({ epoch, published, verdict }) => [epoch, published, verdict]),
      [
        [2, 40.9, 'within'],
        [5, 42, 'outside'],
        [10, 49.1, 'within'],
      ],
    );
    // Another line hides the point at epoch 2.
    assert.ok(Math.abs(agreement[0].allowed - 0.5 - seeds) < 1e-9);
    const text = formatTable(firstEpochsTable(record), 'text');
    assert.match(text, /\n +5 .* 42\.0 .* outside/);
    assert.match(text, /ReSSL on CIFAR-10, preset paper, seed 1339: the first 10 of 200 epochs\./);
    assert.match(text, /digitized/);
  });

  it('get no verdict at a reduced scale', () => {
    const small = presetConfig({ preset: 'small', method: 'ressl', dataset: 'cifar10' });
    const record = partialOf(small, [30, 35]);
    assert.deepEqual(curveAgreement(record, publishedCurves(small)[0]), []);
    assert.match(formatTable(firstEpochsTable(record), 'text'), /Reduced scale, not comparable/);
  });

  it('get no verdict where the published training differs, which is said', () => {
    const moco = presetConfig({ preset: 'paper', method: 'moco-v2', dataset: 'cifar10' });
    const [curve, demo] = publishedCurves(moco);
    assert.deepEqual([curve.batchSize, demo.batchSize], [256, 512]);
    const record = partialOf(moco, [40, 45.8]);
    assert.deepEqual(curveAgreement(record, curve), []);
    const text = formatTable(firstEpochsTable(record), 'text');
    assert.match(text, /no verdict, since its training differs: its loss is probably asymmetric/);
  });

  it('have no curve for a method without one, or with options of its own', () => {
    assert.deepEqual(
      publishedCurves(presetConfig({ preset: 'paper', method: 'mnn', dataset: 'cifar10' })),
      [],
    );
    const other = presetConfig({
      preset: 'paper',
      method: 'ressl',
      dataset: 'cifar10',
      options: { teacherTemperature: 0.07 },
    });
    assert.deepEqual(publishedCurves(other), []);
  });

  it('leave out the epochs without an accuracy, but for the last', () => {
    const { rows } = firstEpochsTable(partialOf(ressl, [null, 41, null]));
    assert.deepEqual(
      rows.map(({ epoch, knnTop1 }) => [epoch, knnTop1]),
      [
        [2, 41],
        [3, null],
      ],
    );
  });
});
