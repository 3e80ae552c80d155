import assert from 'node:assert/strict';
import { barsAgainstPublished, renderSvg } from '../../lib/figures';
import { loadPublished } from '../../lib/paper/published';
import { presetConfig } from '../../lib/presets/presets';
import type { RunRecord } from '../../lib/results';
import { sampleRecord } from '../results/sample-record';

const published = loadPublished();
const texts = (svg: string) => [...svg.matchAll(/<text[^>]*>([^<]+)<\/text>/g)].map((match) => match[1]);

function run(
  method: string,
  dataset: string,
  scale: RunRecord['scale'] = 'reduced',
  seed = 1,
  options: RunRecord['config']['options'] = {},
): RunRecord {
  const config = presetConfig({ preset: 'small', method, dataset, seed, options });
  return { ...sampleRecord(method, 70, seed), config, scale };
}
interface Bar {
  kind: string;
  value: number;
  text: string;
}
const bars = (records: RunRecord[]): Bar[] =>
  (barsAgainstPublished(records, published).hconcat as { data: { values: Bar[] } }[]).flatMap(
    ({ data }) => data.values,
  );

describe('Bars against the published numbers', () => {
  it('show ours beside the published value, and where that stands', async () => {
    const spec = barsAgainstPublished([run('mnn', 'cifar10'), run('msf', 'cifar10')], published);
    const shown = texts(await renderSvg(spec));
    for (const text of ['CIFAR-10', 'MNN', 'MSF', '91.47', '89.60', '66.50, reduced'])
      assert.ok(shown.includes(text), `${text} is not among ${shown}`);
    assert.match(String(spec.title?.subtitle), /Published: README of the authors' MNN repository/);
  });

  it('never draw a run of reduced scale as one of the paper’s', () => {
    const [, reduced] = bars([run('mnn', 'cifar10', 'reduced')]);
    const [, full] = bars([run('mnn', 'cifar10', 'paper')]);
    assert.deepEqual([reduced.kind, reduced.text], ['ours, at a reduced scale', '66.50, reduced']);
    assert.deepEqual([full.kind, full.text], ['ours, at the paper’s scale', '66.50']);
    const [, both] = bars([run('mnn', 'cifar10', 'paper'), run('mnn', 'cifar10', 'reduced', 2)]);
    assert.equal(both.kind, 'ours, at a reduced scale');
  });

  it('guess no number that was not published', () => {
    assert.equal(bars([run('mnn', 'shapes10')])[0].text, 'none published');
    const others: RunRecord['config']['options'][] = [
      { topK: 1 },
      { memoryBank: 512 },
      { teacherMomentum: 0.9 },
      { mixing: 'norm2' },
    ];
    for (const options of others)
      assert.equal(bars([run('mnn', 'cifar10', 'reduced', 1, options)])[0].text, 'none published');
  });

  it('take the number of the same K where a method has several', () => {
    const withK = (topK: number) => bars([run('nnclr', 'cifar10', 'reduced', 1, { topK })])[0].text;
    assert.deepEqual([withK(1), withK(5), withK(3)], ['88.06', '88.80', 'none published']);
  });

  it('never take another setting on the same dataset for another seed', () => {
    for (const [option, value] of [
      ['memoryBank', 512],
      ['teacherMomentum', 0.9],
    ] as const) {
      const other = run('mnn', 'cifar10', 'reduced', 2, { [option]: value });
      const drawn = bars([run('mnn', 'cifar10'), other]);
      assert.deepEqual(
        drawn.map(({ text }) => text),
        ['91.47', '66.50, reduced', 'none published', '66.50, reduced'],
        option,
      );
    }
  });

  it('take the presets of different datasets for one series', () => {
    const full = (dataset: string) => {
      const record = run('mnn', dataset, 'paper');
      return { ...record, config: presetConfig({ preset: 'paper', method: 'mnn', dataset }) };
    };
    const drawn = bars([full('cifar10'), full('stl10')]) as (Bar & { series: string })[];
    assert.deepEqual(new Set(drawn.map(({ series }) => series)), new Set(['MNN']));
    assert.deepEqual([drawn[0].text, drawn[2].text], ['91.47', '91.61']);
  });

  it("give MNN's number to the mixing it was made with, else to the kit's own and say so", () => {
    const [norm3, norm1] = [run('mnn', 'cifar10'), run('mnn', 'cifar10', 'reduced', 1, { mixing: 'norm1' })];
    assert.deepEqual(
      bars([norm3, norm1]).map(({ text }) => text),
      ['none published', '66.50, reduced', '91.47', '66.50, reduced'],
    );
    assert.match(
      String(barsAgainstPublished([norm3], published).title?.subtitle),
      /made .* with mixing norm1/,
    );
    assert.doesNotMatch(String(barsAgainstPublished([norm1], published).title?.subtitle), /norm/);
  });

  it('have a panel for every dataset', () => {
    const spec = barsAgainstPublished([run('mnn', 'cifar10'), run('mnn', 'cifar100')], published);
    assert.equal((spec.hconcat as unknown[]).length, 2);
  });

  it('refuse to draw nothing', () => {
    assert.throws(() => barsAgainstPublished([], published), { name: 'UserError' });
  });
});
