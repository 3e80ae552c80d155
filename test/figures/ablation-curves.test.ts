import assert from 'node:assert/strict';
import { type ChartSpec, lambdaCurve, renderSvg, topKCurve } from '../../lib/figures';
import type { RunRecord } from '../../lib/results';
import { sampleRecord } from '../results/sample-record';

function run(options: RunRecord['config']['options'], linearTop1: number, seed = 1): RunRecord {
  const record = sampleRecord('mnn', 70, seed);
  record.config.options = { ...record.config.options, ...options };
  record.metrics.linearTop1 = linearTop1;
  return record;
}
const texts = (svg: string) => [...svg.matchAll(/<text[^>]*>([^<]+)<\/text>/g)].map((match) => match[1]);
interface Point {
  x: number | string;
  value: number;
  low: number;
  high: number;
}
const values = (spec: ChartSpec): Point[] =>
  (spec.layer as { data: { values: Point[] } }[]).flatMap(({ data }) => data.values);

describe('The lambda curve', () => {
  const records = [
    ...[0, 0.5, 1].map((lambda, i) => run({ lambda }, 60 + i)),
    run({ lambda: 'random' }, 64, 1),
    run({ lambda: 'random' }, 66, 2),
  ];

  it('has fixed lambdas as points and the random one as a line across, each with its name', async () => {
    const shown = texts(await renderSvg(lambdaCurve(records)));
    for (const text of ['0', '0.5', '1', 'random', 'fixed', 'linear accuracy, top-1 (%)'])
      assert.ok(shown.includes(text), `${text} is not among ${shown}`);
  });

  it('draws means over seeds with one standard deviation', () => {
    const random = values(lambdaCurve(records)).find(({ x }) => x === 'random')!;
    assert.equal(random.value, 65);
    assert.ok(Math.abs(random.high - random.low - 2 * Math.SQRT2) < 1e-9);
  });

  it('draws the k-NN accuracy where that is asked for, and no unknown one', () => {
    assert.equal(values(lambdaCurve(records, { metric: 'knn-top1' })).find(({ x }) => x === 0)!.value, 70);
    assert.throws(() => lambdaCurve(records, { metric: 'top9' as 'knn-top1' }), /Unknown metric 'top9'/);
  });

  it('says that the scale is reduced', () => {
    assert.match(String(lambdaCurve(records).title?.subtitle), /Reduced scale, not the paper’s/);
  });

  it('refuses runs that differ in more than lambda, and says what to run', () => {
    const other = run({ lambda: 1, topK: 1 }, 60);
    assert.throws(() => lambdaCurve([records[0], other]), /differ in lambda alone.*--set lambda=/s);
  });
});

describe('The K curve', () => {
  it('leaves out runs without neighbors, which have no place on its axis', () => {
    const points = values(topKCurve([0, 1, 5].map((topK) => run({ topK }, 60))));
    assert.deepEqual(new Set(points.map(({ x }) => x).filter((x) => x !== undefined)), new Set([1, 5]));
  });

  it('has a point for every K, and names methods where there are several', async () => {
    const records = [1, 5, 20].flatMap((topK, i) => {
      const msf = run({ topK }, 50 + i);
      msf.config.method = 'msf';
      return [run({ topK }, 60 + i), msf];
    });
    const shown = texts(await renderSvg(topKCurve(records)));
    for (const text of ['1', '5', '20', 'K', 'MNN', 'MSF']) assert.ok(shown.includes(text), text);
  });
});
