import assert from 'node:assert/strict';
import {
  accuracyDots,
  beforePublishedCurve,
  type ChartSpec,
  costAgainstAccuracy,
  learningCurves,
  lossCurves,
  purityAgainstAccuracy,
  rankAgainstRank,
  renderSvg,
} from '../../lib/figures';
import { publishedCurves } from '../../lib/paper';
import { presetConfig } from '../../lib/presets';
import type { PartialRecord, RunRecord } from '../../lib/results';
import { recordOf } from '../paper/paper-record';
import { sampleRecord } from '../results/sample-record';

const texts = (svg: string) => [...svg.matchAll(/<text[^>]*>([^<]+)<\/text>/g)].map((match) => match[1]);
const run = (method: string, linearTop1: number, seed = 1339, purity: number | null = null): RunRecord =>
  recordOf(presetConfig({ preset: 'small', method, dataset: 'cifar10', seed }), { linearTop1, purity });
const three = (method: string, ...values: number[]) =>
  values.map((value, i) => run(method, value, 1339 + i, 0.5 + value / 1000));
const subtitle = ({ title }: ChartSpec) => String(title?.subtitle);

describe('Figures that compare methods', () => {
  const records = [
    ...three('mnn', 69, 70, 71),
    ...three('msf', 66, 67, 68),
    run('byol', 64),
    run('simclr', 60),
  ];

  it('show accuracies with intervals, the best first, beside the published ones', async () => {
    const drawn = accuracyDots(records);
    const shown = texts(await renderSvg(drawn));
    assert.ok(shown.indexOf('MNN') < shown.indexOf('MSF') && shown.includes('published'), String(shown));
    // Pooled deviation 1, four degrees: 2.776 / √3.
    const [{ data }] = drawn.layer as { data: { values: { series: string; low: number; high: number }[] } }[];
    const mnn = data.values.find(({ series }) => series === 'MNN')!;
    assert.ok(Math.abs(mnn.high - mnn.low - (2 * 2.77645) / Math.sqrt(3)) < 1e-6);
    assert.match(subtitle(drawn), /Not distinguishable from the best, MNN: none/);
    assert.match(subtitle(drawn), /^Reduced scale/);
  });

  it('say that one seed each ranks nothing', () => {
    assert.match(subtitle(accuracyDots([run('mnn', 70), run('msf', 60)])), /no ranking/);
  });

  it('set our ranks against the published ones', async () => {
    const { layer } = rankAgainstRank(records) as unknown as {
      layer: { data: { values: { series: string; x: number; value: number }[] } }[];
    };
    assert.deepEqual(layer[1].data.values.map(({ series, x, value }) => [series, x, value]).sort(), [
      ['BYOL', 3, 3],
      ['MNN', 1, 1],
      ['MSF', 2, 2],
      ['SimCLR', 4, 4],
    ]);
    assert.throws(() => rankAgainstRank([run('mnn', 70)]), /Fewer than four/);
  });

  it('set accuracy against purity and cost, each method named', async () => {
    const shown = texts(await renderSvg(purityAgainstAccuracy(records)));
    assert.ok(shown.includes('MNN') && shown.includes('MSF') && !shown.includes('BYOL'), String(shown));
    assert.ok(texts(await renderSvg(costAgainstAccuracy(records))).includes('BYOL'));
    assert.throws(() => purityAgainstAccuracy([run('byol', 64)]), /Fewer than two/);
  });

  it('refuse several presets', () => {
    const paper = recordOf(presetConfig({ preset: 'paper', method: 'mnn', dataset: 'cifar10' }));
    assert.throws(() => accuracyDots([...records, paper]), /several presets/);
  });

  it('show our first epochs before the published curve', async () => {
    const config = presetConfig({ preset: 'paper', method: 'ressl', dataset: 'cifar10' });
    const { metrics: _m, linearCurve: _l, predictions: _p, ...record } = recordOf(config);
    const [point] = sampleRecord().curves;
    const curves = [null, 41, null].map((knnTop1, i) => ({ ...point, epoch: i + 1, knnTop1 }));
    const partial: PartialRecord = { ...record, schemaVersion: 1, kind: 'partial-run', curves };
    const drawn = beforePublishedCurve(partial, publishedCurves(config)[0]);
    assert.match(subtitle(drawn), /1 of 1 epochs are within what is allowed/);
    assert.ok(texts(await renderSvg(drawn)).includes('epoch of 200'));
  });
});

describe('Learning curves of many methods', () => {
  const methods = ['mnn', 'msf', 'byol', 'simclr', 'ressl', 'sce', 'cmsf', 'snclr'];
  const records = methods.map((method) => run(method, 60));

  it('have color and name for a few, and are grey for the others', async () => {
    const drawn = learningCurves(records);
    const shown = texts(await renderSvg(drawn));
    assert.ok(['MNN', 'MSF', 'BYOL'].every((name) => shown.includes(name)) && !shown.includes('SCE'));
    assert.match(subtitle(drawn), /Grey: 5 other methods and settings/);
    assert.ok(!shown.includes('training loss'));
  });

  it('have losses in small charts, each with an axis of its own', async () => {
    const { concat } = lossCurves(records) as unknown as { concat: unknown[] };
    assert.equal(concat.length, methods.length);
  });
});
