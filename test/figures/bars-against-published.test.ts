import assert from 'node:assert/strict';
import { barsAgainstPublished, renderSvg } from '../../lib/figures';
import { loadPublished, type RunRecord } from '../../lib/results';
import { sampleRecord } from '../results/sample-record';

const published = loadPublished();
const texts = (svg: string) => [...svg.matchAll(/<text[^>]*>([^<]+)<\/text>/g)].map((match) => match[1]);

function run(method: string, dataset: string, scale: RunRecord['scale'] = 'reduced', seed = 1): RunRecord {
  const record = sampleRecord(method, 70, seed);
  Object.assign(record.config, { dataset });
  return { ...record, scale };
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
    for (const text of ['CIFAR-10', 'MNN', 'MSF', '91.47', '89.94', '66.50, reduced'])
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
    const otherK = run('mnn', 'cifar10');
    otherK.config.options.topK = 1;
    assert.equal(bars([otherK])[0].text, 'none published');
  });

  it('take the number of the same K where a method has several', () => {
    const withK = (topK: number) => {
      const record = run('nnclr', 'cifar10');
      record.config.options.topK = topK;
      return bars([record])[0].text;
    };
    assert.deepEqual([withK(1), withK(5), withK(3)], ['88.06', '88.80', 'none published']);
  });

  it('have a panel for every dataset', () => {
    const spec = barsAgainstPublished([run('mnn', 'cifar10'), run('mnn', 'cifar100')], published);
    assert.equal((spec.hconcat as unknown[]).length, 2);
  });

  it('refuse to draw nothing', () => {
    assert.throws(() => barsAgainstPublished([], published), { name: 'UserError' });
  });
});
