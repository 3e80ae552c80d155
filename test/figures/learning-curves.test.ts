import assert from 'node:assert/strict';
import { learningCurves, purityCurves, renderSvg } from '../../lib/figures';
import { sampleRecord } from '../results/sample-record';

const texts = (svg: string) => [...svg.matchAll(/<text[^>]*>([^<]+)<\/text>/g)].map((match) => match[1]);
const records = [sampleRecord('mnn', 71.25), sampleRecord('msf', 64)];

describe('learning curves', () => {
  it('show accuracy, loss and purity with the name of each method beside its line', async () => {
    const shown = texts(await renderSvg(learningCurves(records)));
    for (const title of ['k-NN accuracy (%)', 'training loss', 'neighbor purity'])
      assert.ok(shown.includes(title));
    for (const name of ['MNN', 'MSF']) assert.equal(shown.filter((text) => text === name).length, 3);
  });

  it('say that the scale is reduced, with dataset, width, images and epochs', () => {
    const { title } = learningCurves(records);
    assert.equal(title?.text, 'Learning curves on shapes10');
    assert.deepEqual(title?.subtitle, [
      'Reduced scale, not the paper’s: ResNet-18 of width 8, 2,000 training images, 6 epochs',
    ]);
  });

  it('say so too when one run of several is reduced', () => {
    const full = { ...sampleRecord(), scale: 'paper' as const, scaleReasons: [] };
    assert.match(String(learningCurves([full, records[1]]).title?.subtitle), /^Reduced scale/);
    assert.match(String(learningCurves([full]).title?.subtitle), /^The paper’s scale/);
  });

  it('draw every point as it was measured', () => {
    const drawn = JSON.stringify(learningCurves(records));
    for (const { knnTop1, loss } of records[0].curves) {
      for (const value of [knnTop1, loss]) assert.ok(drawn.includes(`"value":${value}`));
    }
  });

  it('draw the mean over seeds, with a band of one standard deviation', () => {
    const drawn = learningCurves([sampleRecord('mnn', 60, 1), sampleRecord('mnn', 70, 2)]);
    assert.match(String(drawn.title?.subtitle), /Mean over 2 seeds; band of one standard deviation/);
    const [{ data }] = drawn.hconcat as {
      data: { values: { epoch: number; value: number; low: number; high: number }[] };
    }[];
    assert.equal(data.values.length, 6);
    const { value, low, high } = data.values.find(({ epoch }) => epoch === 6)!;
    assert.ok(Math.abs(value - 65) < 1e-9);
    assert.ok(Math.abs(high - low - 2 * Math.sqrt(50)) < 1e-9);
  });

  it('leave out a panel that no run has values for', async () => {
    const record = sampleRecord('byol');
    for (const point of record.curves) point.purity = null;
    const shown = texts(await renderSvg(learningCurves([record])));
    assert.ok(shown.includes('training loss') && !shown.includes('neighbor purity'));
  });

  it('tell the methods apart by color and dash', () => {
    const methods = ['mnn', 'msf', 'cmsf', 'snclr', 'nnclr', 'mine'];
    const [panel] = learningCurves(methods.map((method) => sampleRecord(method))).hconcat as {
      encoding: { color: { scale: { range: string[] } } };
      layer: { encoding?: { strokeDash?: { scale: { range: number[][] } } } }[];
    }[];
    const dashes = panel.layer.flatMap((layer) => layer.encoding?.strokeDash?.scale.range ?? []);
    const looks = panel.encoding.color.scale.range.map((color, i) => `${color} ${dashes[i]}`);
    assert.equal(new Set(looks).size, methods.length);
  });

  it('refuse to mix datasets, or to draw nothing', () => {
    const other = sampleRecord();
    other.config.dataset = 'cifar10';
    assert.throws(() => learningCurves([records[0], other]), /shapes10, cifar10.*draw one figure for each/);
    assert.throws(() => learningCurves([]), { name: 'UserError' });
    assert.throws(() => learningCurves([{ ...records[0], curves: [] }]), /no curves/);
  });
});

describe('Purity curves', () => {
  it('show the methods that search neighbors', async () => {
    const byol = sampleRecord('byol');
    for (const point of byol.curves) point.purity = null;
    const shown = texts(await renderSvg(purityCurves([...records, byol])));
    assert.ok(shown.includes('MNN') && shown.includes('MSF') && !shown.includes('BYOL'));
    assert.throws(() => purityCurves([byol]), /None of these methods searches neighbors/);
  });

  it('say that the purity on STL-10 means little', () => {
    const record = sampleRecord();
    record.config.dataset = 'stl10';
    assert.match(String(purityCurves([record]).title?.subtitle), /without a label count as one class/);
  });
});
