import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  bootstrapMean,
  kendallInterval,
  kendallTau,
  mcnemarTest,
  signFlipTest,
  studentInterval,
} from '../../lib/core/paired-statistics';

// Computed with scipy, whose version the file names.
const scipy = JSON.parse(readFileSync(join(__dirname, 'scipy.json'), 'utf8'));

const close = (actual: number, expected: number, within = 1e-9) =>
  assert.ok(Math.abs(actual - expected) <= within, `${actual} is not ${expected} within ${within}`);

describe('signFlipTest', () => {
  it("agrees with scipy's exact permutation test", () => {
    for (const { differences, p } of scipy.sign_flip) close(signFlipTest(differences), p);
  });

  it('cannot go below a quarter for three seeds', () => {
    assert.equal(signFlipTest([3, 4, 5]), 0.25);
  });
});

describe('mcnemarTest', () => {
  it("agrees with scipy's binomial test", () => {
    for (const { first, second, p } of scipy.mcnemar) close(mcnemarTest(first, second), p);
  });

  it('is 1 if there is nothing to tell apart', () => {
    assert.equal(mcnemarTest(0, 0), 1);
  });
});

describe('kendallTau', () => {
  it("agrees with scipy's tau-b, ties included", () => {
    for (const { first, second, tau } of scipy.kendall) close(kendallTau(first, second)!, tau);
  });

  it('is undefined if one ranking is all ties', () => {
    assert.equal(kendallTau([1, 1, 1], [1, 2, 3]), undefined);
  });
});

describe('kendallInterval', () => {
  it('is 1 to 1 for rankings that agree', () => {
    assert.deepEqual(kendallInterval([1, 2, 3, 4, 5], [2, 3, 5, 8, 9]), [1, 1]);
  });

  it('contains tau, and is wide for a few items', () => {
    const { first, second, tau } = scipy.kendall[2];
    const [low, high] = kendallInterval(first, second)!;
    assert.ok(low < tau && tau < high);
    assert.ok(high - low > 0.3);
  });

  it('is undefined for three items', () => {
    assert.equal(kendallInterval([1, 2, 3], [1, 2, 3]), undefined);
  });
});

describe('studentInterval', () => {
  it("agrees with scipy's t interval", () => {
    for (const { values, interval } of scipy.student_interval) {
      studentInterval(values)!.forEach((end, i) => {
        close(end, interval[i], 1e-5);
      });
    }
  });

  it('uses the quantiles of as many degrees of freedom as scipy', () => {
    scipy.student.forEach((quantile: number, i: number) => {
      const values = Array.from({ length: i + 2 }, (_, k) => (k === 0 ? 1 : 0));
      const [low, high] = studentInterval(values)!;
      const n = values.length;
      // The standard error of a single 1 among zeros is 1/n.
      close(((high - low) / 2) * n, quantile, 1e-4);
    });
  });

  it('is undefined for one value', () => {
    assert.equal(studentInterval([1]), undefined);
  });
});

describe('bootstrapMean', () => {
  const { differences, interval } = scipy.bootstrap_images;

  it("agrees with scipy's percentile bootstrap over images, up to its own randomness", () => {
    bootstrapMean([differences], { resamples: 4000 }).forEach((end, i) => {
      close(end, interval[i], 0.0025);
    });
  });

  it('is wider if the rows differ than over images alone', () => {
    const worse = differences.map((value: number, i: number) => (i % 4 === 0 ? -1 : value));
    const [low, high] = bootstrapMean([differences, worse, differences], { resamples: 500 });
    assert.ok(high - low > 2 * (interval[1] - interval[0]));
  });

  it('gives the same interval again', () => {
    assert.deepEqual(
      bootstrapMean([differences], { resamples: 50 }),
      bootstrapMean([differences], { resamples: 50 }),
    );
  });
});
