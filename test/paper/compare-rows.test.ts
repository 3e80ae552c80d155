import assert from 'node:assert/strict';
import { compareRows, comparisonOfRows, fillTable, findTable, rankAgreement } from '../../lib/paper';
import { packPredictions, type RunRecord } from '../../lib/results';
import { paperRecord } from './paper-record';

const linear = findTable('linear');
const images = 200;
const labels = Int32Array.from({ length: images }, (_, i) => i % 10);

/** A run of the paper's scale whose linear evaluation has `right` of 200 test images right. */
function run(method: string, seed: number, right: number): RunRecord {
  const record = paperRecord(method, 'cifar10', seed, { linearTop1: right / 2 });
  const predicted = labels.map((label, i) => (i < right ? label : (label + 1) % 10));
  const pack = (classes: Int32Array) => packPredictions(classes, record.dataset.classes);
  return {
    ...record,
    dataset: { ...record.dataset, testImages: images },
    predictions: { labels: pack(labels), knn: pack(labels), linear: pack(predicted) },
  };
}

const filled = (records: RunRecord[], seeds = [1339, 1340, 1341]) =>
  fillTable(linear, { preset: 'paper', datasets: ['cifar10'], seeds }, records);

const three = (method: string, right: number) =>
  [1339, 1340, 1341].map((seed, i) => run(method, seed, right + i));

describe('compareRows', () => {
  it("compares every row that ran with MNN's, over the seeds of both", () => {
    const table = filled([...three('mnn', 180), ...three('msf', 150), run('byol', 1340, 181)]);
    const found = compareRows(table).map(({ row, comparison }) => [
      row,
      comparison.seeds.length,
      comparison.verdict,
    ]);
    assert.deepEqual(found, [
      ['BYOL', 1, 'cannot tell'],
      ['MSF', 3, 'lower'],
    ]);
  });

  it('compares with another row by its method or label', () => {
    const table = filled([...three('mnn', 180), ...three('msf', 150)]);
    for (const reference of ['msf', 'MSF']) {
      const [{ row, reference: other, comparison }] = compareRows(table, reference);
      assert.deepEqual([row, other, comparison.mean], ['MNN', 'MSF', 15]);
    }
    assert.throws(() => compareRows(table, 'msff'), /row.*msff/);
  });

  it('leaves out a row without a seed in common', () => {
    assert.deepEqual(compareRows(filled([run('mnn', 1339, 180), run('msf', 1340, 150)])), []);
  });
});

describe('rankAgreement', () => {
  it('is near 1 if our order of the methods is the published one, rounded to half a point', () => {
    const published = filled([]).cells.flatMap(({ row, published }) =>
      published ? [run(row.method, 1339, Math.round(2 * published.value))] : [],
    );
    const [{ tau, rows, interval }] = rankAgreement(filled(published, [1339]));
    assert.ok(tau > 0.9 && rows >= 8 && interval![1] > 0.95, `${tau} of ${rows} rows`);
  });

  it('counts rows that share a published number once', () => {
    const study = findTable('study');
    const records = ['msf', 'byol', 'ressl'].map((method) => run(method, 1339, 150));
    const mnn = [run('mnn', 1339, 180), { ...paperRecord('mnn', 'cifar10', 1339, {}, { mixing: 'norm1' }) }];
    const agreement = (all: RunRecord[]) =>
      rankAgreement(fillTable(study, { preset: 'paper' }, all)).find(
        ({ metric }) => metric.name === 'linear-top1',
      );
    assert.equal(agreement([...records, ...mnn])?.rows, 4);
  });

  it('needs four rows', () => {
    assert.deepEqual(rankAgreement(filled([run('mnn', 1339, 180), run('msf', 1339, 150)])), []);
  });
});

describe('comparisonOfRows', () => {
  it('says what can be said, row by row', () => {
    const { rows, notes } = comparisonOfRows(filled([...three('mnn', 180), ...three('msf', 150)]));
    assert.equal(rows[0].difference, '−15.00');
    assert.equal(rows[0].verdict, 'lower');
    assert.match(notes![0], /same seeds and the same test images/);
  });

  it('says what is needed if nothing can be compared', () => {
    assert.throws(
      () => comparisonOfRows(filled([run('mnn', 1339, 180)])),
      /two rows with records of the same seed/,
    );
  });
});
