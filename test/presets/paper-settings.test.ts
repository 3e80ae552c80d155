import assert from 'node:assert/strict';
import { comparedMethods, findMethod, registerMethod } from '../../lib/methods';
import { paperDatasets, paperSettings, paperSettingsTable } from '../../lib/presets/paper-settings';

/** The authors' scripts, as far as methods differ: for the CIFARs; for STL-10 and Tiny ImageNet; K; others. */
const published: Record<string, { views: string; heads: string; [option: string]: unknown }> = {
  'moco-v2': { views: 'strong/strong', heads: 'MoCo', teacher: true, bank: true, temperature: 0.2 },
  simclr: { views: 'strong/strong', heads: 'SimCLR', temperature: 0.2 },
  byol: { views: 'strong/strong', heads: 'BYOL', teacher: true },
  ressl: {
    views: 'strong/weak',
    heads: 'MoCo',
    teacher: true,
    bank: true,
    teacherTemperature: 0.04,
    studentTemperature: 0.1,
  },
  nnclr: { views: 'strong/strong', heads: 'NNCLR', bank: true, temperature: 0.2, topK: 5, mixing: 'none' },
  msf: {
    views: 'strong/weak',
    heads: 'BYOL',
    teacher: true,
    bank: true,
    topK: 5,
    weighting: 'equal',
    mixing: 'none',
  },
  snclr: {
    views: 'strong/strong',
    heads: 'SNCLR',
    teacher: true,
    bank: true,
    temperature: 0.2,
    topK: 5,
    threshold: false,
    mixing: 'none',
  },
  sce: {
    views: 'strong/weak',
    heads: 'MoCo',
    teacher: true,
    bank: true,
    teacherTemperature: 0.05,
    studentTemperature: 0.1,
    coefficient: 0.5,
  },
  cmsf: { views: 'strong/weak/weak', heads: 'BYOL', teacher: true, bank: true, topK: 5, mixing: 'none' },
  'un-mix': { views: 'strong/strong', heads: 'BYOL', teacher: true },
  mnn: {
    views: 'strong/weak',
    heads: 'BYOL',
    teacher: true,
    bank: true,
    topK: 5,
    weighting: 'mnn',
    mixing: 'norm3',
    lambda: 'random',
  },
};

describe("The paper's settings", () => {
  for (const dataset of paperDatasets) {
    const large = dataset === 'stl10' || dataset === 'tiny-imagenet';
    for (const [method, { views, heads, teacher, bank, ...options }] of Object.entries(published)) {
      it(`are the authors' for ${method} on ${dataset}`, () => {
        const settings = paperSettings(method, dataset);
        assert.deepEqual([settings.views.join('/'), settings.heads], [views, heads]);
        assert.equal(settings.dim, method === 'sce' ? 256 : 128);
        assert.equal(settings.symmetric, method !== 'ressl');
        assert.equal(settings.options.teacherMomentum, teacher ? (large ? 0.996 : 0.99) : undefined);
        if (bank) assert.equal(settings.options.memoryBank, large ? 16384 : 4096);
        for (const [name, value] of Object.entries(options))
          assert.equal(settings.options[name], value, name);
      });
    }
  }

  it('say which of them are assumed, and why', () => {
    const { assumed, options } = paperSettings('sce', 'stl10');
    assert.deepEqual(Object.keys(assumed), ['teacherMomentum', 'memoryBank']);
    assert.match(assumed.memoryBank, /no commands for STL-10/);
    for (const name of Object.keys(assumed)) assert.ok(name in options);
    assert.deepEqual(paperSettings('sce', 'tiny-imagenet').assumed, {});
  });

  it('assume no memory bank for BYOL, which has none without neighbors', () => {
    assert.deepEqual(Object.keys(paperSettings('byol', 'stl10').assumed), ['teacherMomentum']);
  });

  it('leave the options of a method that is not compared its own', () => {
    const name = registerMethod({ ...findMethod('mnn'), name: 'own-teacher' });
    const { options, assumed } = paperSettings(name, 'stl10');
    assert.deepEqual([options.teacherMomentum, options.memoryBank, assumed], [0.99, 4096, {}]);
  });

  it('are there for every method of the comparison on every dataset', () => {
    assert.deepEqual([...comparedMethods].sort(), Object.keys(published).sort());
    const rows = paperSettingsTable().map(({ method, dataset }) => `${method} ${dataset}`);
    assert.equal(new Set(rows).size, 11 * 4);
  });
});
