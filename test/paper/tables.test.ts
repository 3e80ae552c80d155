import assert from 'node:assert/strict';
import { comparedMethods } from '../../lib/methods';
import { findTable, paperTables, planTable, publishedValues, studyTable, tableRuns } from '../../lib/paper';
import { loadPublished } from '../../lib/paper/published';
import { paperSettings } from '../../lib/presets/paper-settings';
import { presetConfig, presetNames } from '../../lib/presets/presets';
import { recordId } from '../../lib/results';

describe("The paper's tables", () => {
  for (const table of paperTables) {
    it(`${table.name} has runs that every preset can make, each of its own`, () => {
      for (const preset of presetNames) {
        const cells = planTable(table, { preset });
        const runs = tableRuns(cells);
        assert.equal(runs.length, cells.flatMap(({ configs }) => configs).length, preset);
        assert.ok(runs.every((config) => config.preset === preset));
      }
    });
  }

  it('have names and lines of their own', () => {
    const unique = (names: string[]) => assert.equal(new Set(names).size, names.length);
    unique(paperTables.map(({ name }) => name));
    for (const { rows } of paperTables) unique(rows.map(({ label }) => label));
  });

  it('compare every method on the four datasets with three seeds: 144 runs', () => {
    const cells = planTable(findTable('linear'), { preset: 'paper' });
    assert.deepEqual(new Set(cells.map(({ row }) => row.method)), new Set(comparedMethods));
    assert.equal(tableRuns(cells).length, (comparedMethods.length + 1) * 4 * 3);
  });

  it('share the runs that several of them need', () => {
    const ids = (name: string) => tableRuns(planTable(findTable(name), { preset: 'paper' })).map(recordId);
    assert.deepEqual(ids('knn'), ids('linear'));
    const mnn = recordId(presetConfig({ preset: 'paper', method: 'mnn', dataset: 'cifar10' }));
    for (const name of ['linear', 'components', 'lambda', 'top-k', 'queue', 'momentum', 'views', 'purity'])
      assert.ok(ids(name).includes(mnn), name);
    const plugIn = ids('plug-in');
    assert.equal(ids('components').filter((id) => plugIn.includes(id)).length, 4 * 2 * 3, 'of MSF and MNN');
  });

  it('change one option of MNN, and have its own value among the others', () => {
    for (const [name, option] of [
      ['lambda', 'lambda'],
      ['queue', 'memoryBank'],
      ['momentum', 'teacherMomentum'],
      ['views', 'views'],
    ]) {
      const values = findTable(name).rows.map(({ options }) => options[option]);
      for (const dataset of ['cifar10', 'stl10'] as const)
        assert.ok(values.includes(paperSettings('mnn', dataset).options[option]), `${name} on ${dataset}`);
    }
  });

  it('are found by name and by number', () => {
    assert.equal(findTable('table-linear').name, 'linear');
    assert.equal(findTable('table-1'), paperTables[0]);
    assert.equal(findTable(`table-${paperTables.length}`), paperTables.at(-1));
    assert.throws(() => findTable('lineer'), { name: 'UserError', message: /Did you mean linear/ });
    assert.throws(() => findTable('table-0'), { name: 'UserError', message: /Known: linear, knn/ });
  });
});

describe('The study', () => {
  const planned = planTable(studyTable, { preset: 'small' });
  const runs = tableRuns(planned);

  it('has only runs of the tables of the paper, but for the untrained network', () => {
    const own = ['linear', 'components', 'lambda', 'views'].flatMap((name) =>
      tableRuns(planTable(findTable(name), { preset: 'small', datasets: ['cifar10'] })).map(recordId),
    );
    const others = runs.filter((config) => !own.includes(recordId(config)));
    assert.deepEqual(new Set(others.map(({ method }) => method)), new Set(['untrained']));
  });

  it('has every method with one seed, and MNN, MSF, BYOL and the components with three', () => {
    assert.deepEqual(new Set(runs.map(({ method }) => method)), new Set([...comparedMethods, 'untrained']));
    const several = planned.filter(({ configs }) => configs.length === 3).map(({ row }) => row.label);
    assert.deepEqual(several.slice(0, 3), ['MNN', 'MSF', 'BYOL']);
    assert.deepEqual(several.slice(3), [
      'no neighbors (BYOL, weak view)',
      'MSF + weighting',
      'MSF + mixing',
      'MNN, norm1',
      'MNN, norm2',
      'MNN, λ = 0',
      'MNN, λ = 0.5',
      'MNN, λ = 1',
      'MNN, strong/strong',
    ]);
    assert.equal(runs.length, new Set(runs.map(recordId)).size);
    assert.equal(runs.length, 12 * 3 + 10);
  });

  it('runs every row with the first seed before any with the second', () => {
    const seeds = runs.map(({ seed }) => seed);
    assert.deepEqual(seeds, [...seeds].sort());
    assert.deepEqual(
      runs.slice(0, 4).map(({ method }) => method),
      ['mnn', 'msf', 'byol', 'untrained'],
    );
  });

  it('is found by its name, and is none of the tables of the paper', () => {
    assert.equal(findTable('study'), studyTable);
    assert.ok(!paperTables.includes(studyTable));
  });
});

describe('Published numbers of a table', () => {
  const values = (name: string, label: string, dataset: string) => {
    const table = findTable(name);
    const row = table.rows.find((candidate) => candidate.label === label)!;
    return publishedValues(row, dataset, table.metrics[0]).map(({ value }) => value);
  };

  it("are the benchmark's after its fix, before the authors' older ones", () => {
    assert.deepEqual(values('linear', 'MSF', 'cifar10'), [89.6, 89.94, 89.94, 90.19]);
    assert.deepEqual(values('linear', 'MNN', 'stl10'), [91.61]);
    assert.deepEqual(values('linear', 'MoCoV2', 'stl10'), [85.88]);
  });

  it('tell one neighbor of NNCLR from five', () => {
    assert.equal(values('knn', 'NNCLR, K = 1', 'cifar100')[0], 50.99);
    assert.equal(values('top-k', 'NNCLR, K = 5', 'cifar100')[0], 61.25);
  });

  it('are none where none was found', () => {
    assert.deepEqual(values('knn', 'MNN', 'cifar10'), []);
    assert.deepEqual(values('linear', 'SimCLR', 'stl10'), []);
    assert.deepEqual(values('linear', 'SimCLR', 'patterns10'), []);
  });

  it("belong to the line that is the method's own setting on the dataset, and to no other", () => {
    assert.deepEqual(values('queue', '4096 keys', 'cifar10'), [91.47]);
    assert.deepEqual(values('queue', '16384 keys', 'cifar10'), []);
    assert.deepEqual(values('queue', '4096 keys', 'stl10'), []);
    assert.deepEqual(values('queue', '16384 keys', 'stl10'), [91.61]);
    assert.deepEqual(values('components', 'MNN, norm1', 'cifar10'), [91.47]);
    assert.deepEqual(values('components', 'MNN (norm3)', 'cifar10'), []);
    assert.deepEqual(values('components', 'no neighbors (BYOL, weak view)', 'cifar10'), []);
  });

  it('are all shown by some table, but those of methods that the kit does not have', () => {
    const cells = paperTables.flatMap((table) =>
      planTable(table, { preset: 'paper' }).flatMap(({ row, dataset }) =>
        table.metrics.flatMap((metric) => publishedValues(row, dataset, metric)),
      ),
    );
    const key = ({ sourceName, method, variant, dataset, metric }: (typeof cells)[number]) =>
      [sourceName, method, variant, dataset, metric].join();
    const shown = new Set(cells.map(key));
    const hidden = loadPublished().filter((number) => !shown.has(key(number)));
    assert.deepEqual(new Set(hidden.map(({ method }) => method)), new Set(['msvq']));
  });
});
