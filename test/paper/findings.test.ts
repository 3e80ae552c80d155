import assert from 'node:assert/strict';
import { formatTable } from '../../lib/core/table';
import { findings, findingsMarkdown } from '../../lib/paper';
import { presetConfig } from '../../lib/presets';
import { type PartialRecord, packPredictions, type RunRecord } from '../../lib/results';
import { sampleRecord } from '../results/sample-record';
import { recordOf } from './paper-record';

const images = 1000;
const labels = Int32Array.from({ length: images }, (_, i) => i % 10);
const pack = (classes: Int32Array) => packPredictions(classes, 10);

/** A run of the study whose linear evaluation has `right` of 1,000 test images right. */
function run(method: string, seed: number, right: number, options: Record<string, unknown> = {}): RunRecord {
  const config = presetConfig({ preset: 'small', method, dataset: 'cifar10', seed, options });
  const record = recordOf(config, { linearTop1: right / 10, knnTop1: null, rawPixelLinearTop1: 40 });
  const predicted = labels.map((label, i) => (i < right ? label : (label + 1) % 10));
  return {
    ...record,
    dataset: { ...record.dataset, testImages: images, classes: 10 },
    predictions: { labels: pack(labels), knn: pack(labels), linear: pack(predicted) },
  };
}

const three = (method: string, right: number, options = {}) =>
  [1339, 1340, 1341].map((seed, i) => run(method, seed, right + 2 * i, options));

const firstEpochs = (knnTop1: number): PartialRecord => {
  const config = presetConfig({ preset: 'paper', method: 'ressl', dataset: 'cifar10' });
  const { metrics: _m, linearCurve: _l, predictions: _p, ...record } = recordOf(config);
  const [point] = sampleRecord().curves;
  const curves = [null, knnTop1].map((value, i) => ({ ...point, epoch: i + 1, knnTop1: value }));
  return { ...record, schemaVersion: 1, kind: 'partial-run', curves };
};

describe('Findings', () => {
  const found = (...records: RunRecord[]) => findings(records).sections[0];

  it('agree where the difference has the published sign, and differ where it has the other', () => {
    const section = found(...three('mnn', 800), ...three('msf', 700), ...three('byol', 900));
    assert.match(
      section.agrees.join('\n'),
      /^MNN against MSF, linear top-1: \+10\.0 \(95 %: .*\) points; published \+1\.9\.$/,
    );
    assert.match(
      section.differs.join('\n'),
      /^MNN against BYOL, linear top-1: −10\.0 \(95 %: .*\) points; published \+1\.9\.$/,
    );
  });

  it('are undecided where the interval contains 0, or no row has two seeds', () => {
    assert.match(found(...three('mnn', 800), ...three('msf', 801)).undecided.join(), /^MNN against MSF/);
    const [sentence] = found(run('mnn', 1339, 800), run('msf', 1339, 500)).undecided;
    assert.equal(sentence, 'MNN against MSF, linear top-1: +30.0 points; published +1.9.');
  });

  it('judge a row of one seed by how much seeds vary in the others', () => {
    // Deviation 0.2, two degrees: 4.303 · 0.2 · √(1/3 + 1) = 0.99.
    const section = found(...three('mnn', 800), run('sce', 1339, 780), run('cmsf', 1339, 793));
    assert.match(section.agrees.join(), /MNN against SCE, linear top-1: \+2\.2 \(95 %: \+1\.2 to \+3\.2\)/);
    assert.match(section.undecided.join(), /MNN against CMSF, linear top-1: \+0\.9/);
  });

  it('hold what the abstract says of the components, and name what has no published counterpart', () => {
    const section = found(
      ...three('mnn', 800),
      ...three('msf', 700, { weighting: 'mnn' }),
      ...three('mnn', 750, { lambda: 1 }),
      run('untrained', 1339, 390),
    );
    assert.match(section.agrees.join(), /MNN against MSF \+ weighting.*; published: mixing helps\./);
    assert.match(section.others.join('\n'), /^MNN against MNN, λ = 1, linear top-1: \+5\.0 .* points\.$/m);
    assert.match(
      section.others.join('\n'),
      /network 39\.0 %, raw pixels 40\.0 %; 3 of 3 trained rows are above both\./,
    );
  });

  it("compare the first epochs at the paper's scale with the published curve", () => {
    const { sections, summary } = findings([], [firstEpochs(41)]);
    assert.deepEqual(sections[0].agrees.length, 1);
    assert.match(
      sections[0].agrees[0],
      /After epoch 2: k-NN top-1 41\.0 %, published 40\.9 %; difference \+0\.1/,
    );
    assert.match(
      summary[0],
      /the first 2 of 200 epochs: k-NN top-1 41\.0 % after 2 \(published 40\.9, within\)\./,
    );
    assert.equal(findings([], [firstEpochs(60)]).sections[0].differs.length, 1);
  });

  it('leave the built-in dataset out if anything else ran', () => {
    const demonstration = recordOf(presetConfig({ preset: 'quick', method: 'mnn', dataset: 'patterns10' }));
    assert.equal(findings([demonstration]).sections[0].title, 'patterns10, preset quick');
    const titles = findings([demonstration, run('mnn', 1339, 800)]).sections.map(({ title }) => title);
    assert.deepEqual(titles, ['CIFAR-10, preset small']);
  });

  it('are a page of the same text for the same records, also without any', () => {
    const page = (records: RunRecord[]) =>
      findingsMarkdown(findings(records), (table) => formatTable(table, 'md'));
    const records = [...three('mnn', 800), ...three('msf', 700)];
    assert.equal(page(records), page(records));
    assert.match(page(records), /## CIFAR-10, preset small\n\nNot the paper's scale: ResNet-18 of width 16/);
    assert.match(page(records), /\| MNN \| 80\.20 ± 0\.20 \(3\) ~ \* \|/);
    assert.match(page([]), /No run has a record yet/);
    assert.match(page([]), /differ after 200 epochs by 0\.8 to 3\.5 points on CIFAR-10/);
  });
});
