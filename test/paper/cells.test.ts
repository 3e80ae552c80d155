import assert from 'node:assert/strict';
import { parseRunConfig } from '../../lib/config/run-config';
import { comparedMethods } from '../../lib/methods';
import {
  fillTable,
  findTable,
  loadTable,
  paperTables,
  planTable,
  quickTable,
  type TableSelection,
  tableRuns,
} from '../../lib/paper';
import { presetConfig } from '../../lib/presets/presets';

import { saveRecord } from '../../lib/results';
import { temporaryFolder } from '../data/temporary-folder';
import { paperRecord, recordOf } from './paper-record';

const linear = findTable('linear');
const selection = { preset: 'paper', datasets: ['cifar10'], methods: ['mnn'] };
const mnn = (records: Parameters<typeof fillTable>[2]) => fillTable(linear, selection, records).cells[0];

describe('A cell of a table', () => {
  it('has mean and sample standard deviation over the seeds that ran', () => {
    const records = [1339, 1340].map((seed, i) =>
      paperRecord('mnn', 'cifar10', seed, { linearTop1: [91, 92][i] }),
    );
    const { runs, mean, deviation, configs, published, difference, verdict } = mnn(records);
    assert.deepEqual([runs, configs.length, mean], [2, 3, 91.5]);
    assert.ok(Math.abs(deviation! - Math.SQRT1_2) < 1e-12);
    assert.equal(published?.value, 91.47);
    assert.equal(published?.sourceName, 'mnn-readme');
    assert.ok(Math.abs(difference! - 0.03) < 1e-9);
    assert.equal(verdict, 'reproduced');
  });

  it('has no deviation of one run', () => {
    const { runs, deviation } = mnn([paperRecord('mnn', 'cifar10', 1339, { linearTop1: 91 })]);
    assert.deepEqual([runs, deviation], [1, null]);
  });

  it('differs where ours is further away than the tolerance, above or below', () => {
    for (const [linearTop1, verdict] of [
      [91.47 - 1.09, 'reproduced'],
      [91.47 + 1.09, 'reproduced'],
      [91.47 - 1.12, 'differs'],
      [91.47 + 1.12, 'differs'],
    ] as const)
      assert.equal(mnn([paperRecord('mnn', 'cifar10', 1339, { linearTop1 })]).verdict, verdict);
  });

  it('without a record did not run', () => {
    const { verdict, runs, mean, difference } = mnn([]);
    assert.deepEqual([verdict, runs, mean, difference], ['not run', 0, null, null]);
  });

  it('of runs without this measurement is not measured', () => {
    const { verdict, runs } = mnn([paperRecord('mnn', 'cifar10', 1339, { linearTop1: null })]);
    assert.deepEqual([verdict, runs], ['not measured', 0]);
  });

  it('without a published number has no verdict', () => {
    const record = paperRecord('mnn', 'cifar10', 1339, { knnTop1: 90 });
    const [cell] = fillTable(findTable('knn'), selection, [record]).cells;
    assert.deepEqual([cell.mean, cell.published, cell.verdict], [90, null, 'not published']);
  });

  it('with another option for the whole table is not the published one', () => {
    const record = paperRecord('mnn', 'cifar10', 1339, { linearTop1: 91.47 }, { topK: 1 });
    const [cell] = fillTable(linear, { ...selection, options: { topK: 1 } }, [record]).cells;
    assert.deepEqual([cell.mean, cell.published, cell.verdict], [91.47, null, 'not published']);
    const [same] = fillTable(linear, { ...selection, options: { topK: 5 } }, []).cells;
    assert.equal(same.published?.value, 91.47);
  });

  it('of a reduced scale has no verdict, however near it is', () => {
    const config = presetConfig({ preset: 'small', method: 'mnn', dataset: 'cifar10' });
    const { cells } = fillTable(linear, { ...selection, preset: 'small' }, [
      recordOf(config, { linearTop1: 91.47 }),
    ]);
    const [{ verdict, difference, tolerance, scaleReasons }] = cells;
    assert.deepEqual([verdict, difference, tolerance], ['reduced scale', null, null]);
    assert.ok(scaleReasons.includes('width 16 instead of 64'));
  });

  it('of a full preset is of reduced scale where the images were fewer', () => {
    const record = paperRecord('mnn', 'cifar10', 1339);
    record.dataset.trainImages = 10_000;
    assert.equal(mnn([record]).verdict, 'reduced scale');
  });

  it("is of the paper's scale where the line itself changes the bank", () => {
    const record = paperRecord('mnn', 'cifar10', 1339, {}, { memoryBank: 1024 });
    assert.equal(record.scale, 'reduced');
    const { cells } = fillTable(findTable('queue'), selection, [record]);
    const cell = cells.find(({ row, metric }) => row.label === '1024 keys' && metric.name === 'linear-top1')!;
    assert.deepEqual([cell.runs, cell.verdict], [1, 'not published']);
  });

  it('counts only records of the very same configuration', () => {
    const other = presetConfig({ preset: 'small', method: 'mnn', dataset: 'cifar10' });
    const lr = presetConfig({
      preset: 'paper',
      method: 'mnn',
      dataset: 'cifar10',
      override: { training: { baseLr: 0.07 } },
    });
    const topK = paperRecord('mnn', 'cifar10', 1339, {}, { topK: 1 });
    const seed = paperRecord('mnn', 'cifar10', 7);
    assert.equal(mnn([recordOf(other), recordOf(lr), topK, seed]).verdict, 'not run');
  });

  it('does not know seconds of an epoch where there was none', () => {
    const record = paperRecord('mnn', 'cifar10', 1339);
    record.timing.epochSeconds = [];
    const { cells } = fillTable(findTable('cost'), selection, [record]);
    assert.deepEqual(
      cells.map(({ mean }) => mean),
      [null, 80],
    );
  });
});

describe('The runs of a table', () => {
  it('can be of some methods, datasets and seeds', () => {
    const cells = planTable(linear, {
      preset: 'small',
      methods: ['nnclr', 'mnn'],
      datasets: ['cifar100'],
      seeds: [1, 2],
    });
    assert.deepEqual(
      cells.map(({ row, dataset, configs }) => [row.label, dataset, configs.map(({ seed }) => seed)]),
      [
        ['NNCLR, K = 1', 'cifar100', [1, 2]],
        ['NNCLR, K = 5', 'cifar100', [1, 2]],
        ['MNN', 'cifar100', [1, 2]],
      ],
    );
  });

  it('count a seed, a dataset and a method once, and check those beside all', () => {
    const once = { preset: 'quick', methods: ['mnn'], seeds: [1, 1], datasets: ['patterns10', 'patterns10'] };
    assert.deepEqual(
      planTable(linear, once).map(({ configs }) => configs.map(({ seed }) => seed)),
      [[1]],
    );
    const all = planTable(linear, { preset: 'quick', methods: ['all', 'untrained', 'mnn'] });
    assert.equal(all.length, linear.rows.length + 1);
    assert.throws(() => planTable(linear, { preset: 'quick', methods: ['all', 'simsiam'] }), /simsiam/);
  });

  it("of preset quick are on the built-in dataset, with the paper's three seeds", () => {
    const [{ configs, dataset }] = planTable(linear, { preset: 'quick' });
    assert.deepEqual([dataset, configs.map(({ seed }) => seed)], ['patterns10', [1339, 1340, 1341]]);
  });

  it('take any other method as a line of its own, where methods are compared', () => {
    const [first, second] = planTable(linear, { preset: 'quick', methods: ['mnn', 'untrained'] });
    assert.deepEqual([first.row.label, second.row.label], ['MNN', 'Untrained']);
    assert.throws(() => planTable(findTable('lambda'), { preset: 'quick', methods: ['msf'] }), {
      name: 'UserError',
      message: /method of table lambda 'msf'.*Known: mnn/,
    });
  });

  it("take settings that differ from the preset's, but never what the line is about", () => {
    const [{ configs }] = planTable(findTable('lambda'), {
      preset: 'quick',
      options: { lambda: 0.9, topK: 2 },
      override: { training: { epochs: 3 } },
    });
    const [{ options, training }] = configs;
    assert.deepEqual([options.lambda, options.topK, training.epochs], [0, 2, 3]);
  });

  it('refuse an option that no method of the table has, and a dataset that the paper does not use', () => {
    assert.throws(() => planTable(linear, { preset: 'quick', options: { topk: 1 } }), /Did you mean topK/);
    assert.throws(
      () => planTable(linear, { preset: 'paper', datasets: ['patterns10'] }),
      /does not use patterns10/,
    );
  });

  it('are found in a folder of records, which need not be there', () => {
    const folder = records();
    assert.equal(loadTable(linear, selection, `${folder}/none`).cells[0].verdict, 'not run');
    saveRecord(paperRecord('mnn', 'cifar10', 1341, { linearTop1: 91.5 }), folder);
    assert.equal(loadTable(linear, selection, folder).cells[0].mean, 91.5);
  });
  const records = temporaryFolder();
});

describe('The quick table', () => {
  const configs = (selection: Partial<TableSelection> = {}) =>
    tableRuns(planTable(quickTable, { preset: 'quick', ...selection }));

  it('is found by its name, and is none of those of the paper', () => {
    assert.equal(findTable('quick'), quickTable);
    assert.ok(!paperTables.includes(quickTable));
  });

  it('has MNN, MSF and the untrained network on the built-in dataset, all else equal', () => {
    const own = configs({ seeds: [4] });
    const quick = presetConfig({ preset: 'quick', dataset: 'patterns10', method: 'mnn' });
    assert.deepEqual(
      own.map(({ method, training }) => [method, training.epochs]),
      [
        ['mnn', quick.training.epochs],
        ['msf', quick.training.epochs],
        ['untrained', 0],
      ],
    );
    for (const config of own) {
      assert.deepEqual(parseRunConfig(config), config);
      assert.deepEqual([config.dataset, config.preset, config.seed], ['patterns10', 'quick', 4]);
      assert.deepEqual([config.evaluation, config.images], [own[0].evaluation, own[0].images]);
    }
  });

  it('takes settings for all three, and leaves the untrained network untrained', () => {
    const own = configs({ seeds: [4], override: { model: { width: 4 }, training: { epochs: 2 } } });
    assert.deepEqual(
      own.map(({ model, training }) => [model.width, training.epochs]),
      [
        [4, 2],
        [4, 2],
        [4, 0],
      ],
    );
  });

  it("takes the paper's three seeds unless others are given, each once and one after the other", () => {
    const seedsOf = (seeds?: number[]) =>
      configs({ methods: ['mnn', 'msf'], seeds }).map(({ method, seed }) => `${method} ${seed}`);
    const three = ['mnn 1339', 'msf 1339', 'mnn 1340', 'msf 1340', 'mnn 1341', 'msf 1341'];
    assert.deepEqual(seedsOf(), three);
    assert.deepEqual(seedsOf([7, 7]), ['mnn 7', 'msf 7']);
  });

  it('takes other methods, and all of them', () => {
    const methodsOf = (methods: string[]) => configs({ seeds: [4], methods }).map(({ method }) => method);
    assert.deepEqual(methodsOf(['byol', 'mnn']), ['mnn', 'byol']);
    assert.deepEqual(methodsOf(['all']).sort(), [...comparedMethods, 'untrained'].sort());
    assert.throws(() => methodsOf(['biol']), /Unknown method 'biol'. Did you mean byol/);
  });

  it('gives an option to the methods that have it', () => {
    const own = configs({ methods: ['mnn', 'simclr', 'untrained'], seeds: [4], options: { topK: 3 } });
    assert.deepEqual(
      own.map(({ method, options }) => [method, options.topK]),
      [
        ['mnn', 3],
        ['untrained', undefined],
        ['simclr', undefined],
      ],
    );
    assert.throws(() => configs({ options: { topk: 3 } }), /Unknown option 'topk'. Did you mean topK/);
  });
});
