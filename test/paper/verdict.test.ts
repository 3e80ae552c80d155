import assert from 'node:assert/strict';
import { publishedDeviation, tolerance } from '../../lib/paper';
import type { PublishedNumber } from '../../lib/paper/published';

function number(sourceName: string, dataset: 'cifar10' | 'cifar100', value: number): PublishedNumber {
  const source = { title: 't', url: 'https://example.org', date: null, commit: null, note: 'n' };
  return { method: 'msf', dataset, metric: 'linear-top1', value, source, sourceName };
}

describe('The tolerance', () => {
  it("comes from how much the authors' two tables of the same methods differ", () => {
    const numbers = [
      number('benchmark-readme', 'cifar10', 90),
      number('benchmark-readme-before-fix', 'cifar10', 91),
      number('benchmark-readme', 'cifar100', 60),
      number('benchmark-readme-before-fix', 'cifar100', 59),
    ];
    assert.ok(Math.abs(publishedDeviation('linear-top1', numbers)! - Math.SQRT1_2) < 1e-12);
    assert.ok(Math.abs(tolerance('linear-top1', 1, numbers)! - 2) < 1e-12);
    assert.equal(publishedDeviation('knn-top1', numbers), null);
  });

  it('is about one point for one run, and smaller for the mean of three', () => {
    for (const metric of ['linear-top1', 'knn-top1'] as const) {
      assert.ok(Math.abs(publishedDeviation(metric)! - 0.39) < 0.005);
      assert.ok(Math.abs(tolerance(metric, 1)! - 1.1) < 0.02);
      assert.ok(Math.abs(tolerance(metric, 3)! - 0.9) < 0.02);
    }
  });

  it('of a purity is chosen, and of times there is none', () => {
    assert.equal(tolerance('purity', 1), 0.02);
    assert.equal(tolerance('seconds-per-epoch', 1), null);
  });
});
