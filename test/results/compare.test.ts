import assert from 'node:assert/strict';
import { compareRuns, packPredictions, type RunRecord } from '../../lib/results';
import { sampleRecord } from './sample-record';

const images = 400;
const classes = 10;
const labels = Int32Array.from({ length: images }, (_, i) => i % classes);

/** A record whose first `right` images are classified correctly by the linear evaluation, from image `from` on. */
function record(method: string, seed: number, right: number, from = 0): RunRecord {
  const predicted = labels.map((label, i) =>
    (i - from + images) % images < right ? label : (label + 1) % classes,
  );
  const sample = sampleRecord(method, 70, seed);
  return {
    ...sample,
    dataset: { ...sample.dataset, testImages: images, classes },
    predictions: {
      labels: packPredictions(labels, classes),
      knn: packPredictions(labels, classes),
      linear: packPredictions(predicted, classes),
    },
  };
}

const seeds = [1339, 1340, 1341];

describe('compareRuns', () => {
  it('gives the difference of each seed in points, and their mean', () => {
    const mnn = seeds.map((seed, i) => record('mnn', seed, 300 + 4 * i));
    const msf = seeds.map((seed) => record('msf', seed, 280));
    const { differences, mean, images: compared, seeds: paired } = compareRuns(mnn, msf);
    assert.deepEqual(differences, [5, 6, 7]);
    assert.equal(mean, 6);
    assert.equal(compared, images);
    assert.deepEqual(paired, seeds);
  });

  it('says higher if every interval excludes 0, and lower the other way round', () => {
    const mnn = seeds.map((seed, i) => record('mnn', seed, 300 + i));
    const msf = seeds.map((seed) => record('msf', seed, 260));
    assert.equal(compareRuns(mnn, msf).verdict, 'higher');
    assert.equal(compareRuns(msf, mnn).verdict, 'lower');
  });

  it('cannot tell from one seed, however large the difference on its test images', () => {
    const { verdict, reason, mcnemar } = compareRuns([record('mnn', 1339, 390)], [record('msf', 1339, 100)]);
    assert.equal(verdict, 'cannot tell');
    assert.match(reason, /one seed/);
    assert.ok(mcnemar[0] < 1e-9);
  });

  it('cannot tell if seeds differ as much as the methods', () => {
    const mnn = seeds.map((seed, i) => record('mnn', seed, 250 + 40 * i));
    const msf = seeds.map((seed) => record('msf', seed, 248));
    const { verdict, reason } = compareRuns(mnn, msf);
    assert.equal(verdict, 'cannot tell');
    assert.match(reason, /over seeds contains 0/);
  });

  it('cannot tell if the same test images could have come out the other way', () => {
    const mnn = seeds.map((seed) => record('mnn', seed, 201));
    const msf = seeds.map((seed) => record('msf', seed, 200, 200));
    const { verdict, reason } = compareRuns(mnn, msf);
    assert.equal(verdict, 'cannot tell');
    assert.match(reason, /images/);
  });

  it('adds the exact test over seeds from six seeds on', () => {
    const six = [1, 2, 3, 4, 5, 6];
    const mnn = six.map((seed) => record('mnn', seed, 300));
    const msf = six.map((seed) => record('msf', seed, 260));
    assert.equal(compareRuns(mnn, msf).p, 2 / 64);
    assert.equal(compareRuns(mnn.slice(0, 5), msf).p, undefined);
  });

  it('pairs the seeds that both have', () => {
    const mnn = [1341, 1339].map((seed) => record('mnn', seed, 300));
    const msf = [1339, 1340].map((seed) => record('msf', seed, 300));
    assert.deepEqual(compareRuns(mnn, msf).seeds, [1339]);
    assert.throws(() => compareRuns(mnn.slice(0, 1), msf), /no seed in common: 1341 and 1339, 1340/);
  });

  it('refuses records of other images or without predictions, by name', () => {
    const mnn = record('mnn', 1339, 300);
    const other = record('msf', 1339, 300);
    const elsewhere = { ...other, dataset: { ...other.dataset, checksum: 'abcdef0123' } };
    assert.throws(() => compareRuns([mnn], [elsewhere]), /different images .*abcdef01/);
    const { predictions: _, ...bare } = other;
    assert.throws(() => compareRuns([mnn], [bare]), new RegExp(`${other.id} has no linear predictions`));
  });
});
