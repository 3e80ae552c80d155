import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { recordId, saveRecord } from '../../lib/results';
import {
  checkPlanFile,
  costsFrom,
  costTable,
  loadPlan,
  missingOf,
  namedTables,
  planJsonSchema,
  planOf,
  planSchemaPath,
  savePlan,
} from '../../lib/sweep';
import { temporaryFolder } from '../data/temporary-folder';
import { recordOf } from '../paper/paper-record';

describe('A sweep plan', () => {
  const folder = temporaryFolder();
  const places = () => ({ records: join(folder(), 'records'), runs: join(folder(), 'runs') });
  const needsOf = (names: string[], selection = {}) =>
    missingOf(namedTables(names), { preset: 'paper', ...selection }, places());
  const plan = (names: string[], selection = {}) => {
    const needs = needsOf(names, selection);
    const configs = needs.missing.map(({ config }) => config);
    return planOf(needs, 'paper', costsFrom(1000, configs), 1000, places());
  };
  const one = { datasets: ['cifar10'], methods: ['mnn'], seeds: [7] };

  it('has every missing run once, with all tables that need it, its record and its cost', () => {
    const { runs, tables } = plan(['linear', 'knn'], one);
    assert.deepEqual(tables, [
      { name: 'linear', runs: 1, recorded: 0 },
      { name: 'knn', runs: 1, recorded: 0 },
    ]);
    assert.equal(runs.length, 1);
    const [{ id, config, record, cost, tables: needing }] = runs;
    assert.equal(id, recordId(config));
    assert.deepEqual([config.seed, config.training.epochs], [7, 200]);
    assert.deepEqual(needing, ['linear', 'knn']);
    assert.equal(record, join(folder(), 'records', `${id}.json`));
    assert.equal(cost.basis, 'throughput');
    // 200 epochs of 195 steps of 256; then 200 x 60,000 and 100 x 50,000 + 10,000 images at an eighth.
    assert.ok(Math.abs(cost.seconds - (200 * 195 * 256 + (200 * 60_000 + 5_010_000) / 8) / 1000) < 1e-6);
  });

  it('leaves out runs that have a record, and counts them', () => {
    const seeds = [7, 8];
    const [{ config }] = needsOf(['linear'], one).missing;
    saveRecord(recordOf(config), places().records);
    const { runs, tables } = plan(['linear'], { ...one, seeds });
    assert.deepEqual(tables, [{ name: 'linear', runs: 2, recorded: 1 }]);
    assert.deepEqual(
      runs.map((run) => run.config.seed),
      [8],
    );
  });

  it('takes of several tables those that have the methods, and refuses a method that none has', () => {
    const { tables } = needsOf(['lambda', 'components'], { methods: ['msf'] });
    assert.deepEqual(
      tables.map(({ name }) => name),
      ['components'],
    );
    assert.throws(
      () => needsOf(['lambda', 'queue'], { methods: ['simclr'] }),
      /None of the tables has simclr/,
    );
    assert.throws(() => needsOf(['lambda', 'queue'], { methods: ['simcl'] }), /Did you mean simclr/);
    assert.throws(() => namedTables(['linea']), /Unknown table 'linea'. Did you mean linear/);
  });

  it('of all tables sums to what the whole paper costs, each run once', () => {
    const needs = needsOf(['all']);
    const configs = needs.missing.map(({ config }) => config);
    const { rows } = costTable(needs, [{ label: 'hours', costs: costsFrom(1000, configs) }]);
    const total = rows.pop()!;
    const sum = (key: string) => rows.reduce((all, row) => all + Number(row[key]), 0);
    assert.equal(sum('missing'), total.missing);
    assert.equal(new Set(configs.map(recordId)).size, total.missing);
    assert.ok(Math.abs(sum('hours') - Number(total.hours)) < 1e-6);
    assert.ok(sum('runs') > Number(total.missing), 'tables share runs');
  });

  it('is written once and read as it was; changed by hand it is refused', () => {
    const file = join(folder(), 'plan.json');
    const written = plan(['queue'], { datasets: ['cifar10'], seeds: [1] });
    savePlan(written, file);
    assert.deepEqual(loadPlan(file), written);
    assert.throws(() => savePlan(written, file), /plan\.json is there already.*--out/s);
    assert.throws(() => checkPlanFile(join(file, 'other.json')), /Cannot write into .*plan\.json/);
    writeFileSync(file, readFileSync(file, 'utf8').replace('"seed": 1', '"seed": 2'));
    assert.throws(() => loadPlan(file), /has the configuration of .*s2-/);
    writeFileSync(file, '{}');
    assert.throws(() => loadPlan(file), /is not a sweep plan.*npx mnn plan/s);
    assert.throws(() => loadPlan(join(folder(), 'none.json')), /Cannot read the plan .*none\.json/);
  });

  it('has paths relative to its own folder, if asked to', () => {
    const file = join(folder(), 'plan.json');
    const written = plan(['queue'], { datasets: ['cifar10'], seeds: [1] });
    savePlan(written, file, { relative: true });
    assert.ok(!readFileSync(file, 'utf8').includes(folder()));
    assert.deepEqual(loadPlan(file), written);
    mkdirSync(join(folder(), 'elsewhere'));
    renameSync(file, join(folder(), 'elsewhere', 'plan.json'));
    const moved = loadPlan(join(folder(), 'elsewhere', 'plan.json'));
    assert.equal(moved.folders.records, join(folder(), 'elsewhere', 'records'));
  });

  it('has its JSON Schema in results/schema as the code has it', () => {
    const remedy = `Out of date. Run: npx tsx -e "require('./lib/sweep').writePlanSchema()"`;
    assert.ok(readFileSync(planSchemaPath(), 'utf8') === planJsonSchema(), remedy);
  });
});
