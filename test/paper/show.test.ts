import assert from 'node:assert/strict';
import { formatTable } from '../../lib/core/table';
import { fillTable, findTable, longTable, wideTable } from '../../lib/paper';
import { loadPublished } from '../../lib/paper/published';
import { presetConfig } from '../../lib/presets/presets';
import type { RunRecord } from '../../lib/results';
import { paperRecord, recordOf } from './paper-record';

const selection = { preset: 'paper', datasets: ['cifar10'], methods: ['msf', 'mnn'] };
const seeds = [1339, 1340, 1341];

function show(records: RunRecord[], preset = 'paper', name = 'linear'): string {
  return formatTable(wideTable(fillTable(findTable(name), { ...selection, preset }, records)), 'text');
}

describe('A table of the paper, shown', () => {
  const mnn = seeds.map((seed, i) => paperRecord('mnn', 'cifar10', seed, { linearTop1: 91 + i / 10 }));

  it('has mean, deviation, number of runs, verdict and the published number with its source', () => {
    const text = show(mnn);
    assert.match(text, /^MNN +91\.10 ± 0\.10 \(3\) = +91\.47 a$/m);
    assert.doesNotMatch(text, /^MSF/m);
    assert.match(text, /^a: README of the authors' MNN.*https:\/\/github\.com\/pc-cp\/MNN/m);
    assert.match(text, /^= reproduced: /m);
    assert.match(text, /^Tolerance \(linear top-1 %\): .*2 · 0\.39 · √\(1 \+ 1\/n\)/m);
  });

  it('without any run is of the published numbers', () => {
    const text = show([]);
    assert.match(text, /^MSF +not run +89\.60 a$/m);
    assert.match(text, /^a: README of the authors' benchmark.*https:\/\/github\.com\/pc-cp\/Benchmark/m);
  });

  it('says in a line what is missing and what it takes, and leaves no room for it', () => {
    const filled = fillTable(findTable('linear'), { preset: 'paper' }, mnn);
    const { rows, columns, notes } = wideTable(filled);
    assert.deepEqual(
      [rows.map(({ row }) => row), columns.map(({ label }) => label)],
      [['MNN'], ['', 'CIFAR-10', 'published']],
    );
    const missing = notes.filter((note) => note.includes('missing'));
    assert.equal(missing.length, 1);
    assert.match(
      missing[0],
      /^141 runs are missing \(of .*MSF.*\), about .* if they take as long as those that ran: npx /,
    );
  });

  it('says how many of the seeds ran, and how to run the others', () => {
    const text = show(mnn.slice(0, 2));
    assert.match(text, /^MNN +91\.05 ± 0\.07 \(2 of 3\) = /m);
    assert.match(text, /npx mnn reproduce linear --preset paper --datasets cifar10 --methods msf,mnn$/m);
  });

  it('marks what differs', () => {
    assert.match(show([paperRecord('mnn', 'cifar10', 1339, { linearTop1: 80 })]), /80\.00 \(1 of 3\) ≠ /);
  });

  it('marks a reduced scale in the cell, and says what differs', () => {
    const config = presetConfig({ preset: 'small', method: 'mnn', dataset: 'cifar10' });
    const text = show([recordOf(config, { linearTop1: 91.47 })], 'small');
    assert.match(text, /^MNN +91\.47 \(1 of 3\) ~ +91\.47 a$/m);
    assert.match(text, /^~ reduced scale: not comparable/m);
    assert.match(
      text,
      /^Reduced scale on CIFAR-10: training images 5000 instead of 50000; .*width 16 instead of 64/m,
    );
    assert.doesNotMatch(text, /^= reproduced/m);
  });

  it('says where no published number was found', () => {
    assert.match(show([], 'paper', 'knn'), /^MNN +not run +none$/m);
    const quick = fillTable(findTable('linear'), { preset: 'quick' }, []);
    assert.ok(!wideTable(quick).columns.some(({ label }) => label === 'published'));
    assert.ok(wideTable(quick).notes.some((note) => note.startsWith('The paper does not use')));
    assert.ok(!wideTable(quick).notes.some((note) => /STL-10|No published number/.test(note)));
  });

  it("says that MNN's number was made with another mixing than the kit's", () => {
    const note = /published numbers of method mnn were made by older code, with mixing norm1/;
    assert.match(show([]), note);
    assert.doesNotMatch(show([], 'paper', 'components'), note);
  });

  it('takes the tolerance from the published numbers that it was filled with', () => {
    const once = loadPublished().filter(({ sourceName }) => sourceName !== 'benchmark-readme-before-fix');
    const { notes } = wideTable(fillTable(findTable('linear'), selection, mnn, once));
    assert.ok(!notes.some((note) => note.startsWith('Tolerance')));
  });

  it('names the machine of times', () => {
    assert.match(show(mnn, 'paper', 'cost'), /^Measured with engine wasm, 2 threads, Some CPU\.$/m);
  });

  it('has a column for each dataset and metric', () => {
    const { columns } = wideTable(fillTable(findTable('cost'), { preset: 'paper' }, []));
    assert.deepEqual(
      columns.map(({ label }) => label),
      ['', 'CIFAR-10, s/epoch', 'CIFAR-10, images/s', 'Tiny ImageNet, s/epoch', 'Tiny ImageNet, images/s'],
    );
  });

  it('cell by cell holds unrounded numbers, tolerance, verdict and every source', () => {
    const { rows } = longTable(fillTable(findTable('linear'), selection, mnn));
    const { ours, deviation, difference, tolerance, ...rest } = rows[1];
    for (const [value, expected] of [
      [ours, 91.1],
      [deviation, 0.1],
      [difference, -0.37],
      [tolerance, 0.9],
    ] as [number, number][])
      assert.ok(Math.abs(value - expected) < 0.005, `${value} for ${expected}`);
    assert.deepEqual(rest, {
      row: 'MNN',
      dataset: 'CIFAR-10',
      metric: 'linear top-1 %',
      runs: 3,
      published: 91.47,
      verdict: 'reproduced',
      source: 'mnn-readme, 2023-12-24',
      also: null,
    });
    assert.match(
      String(rows[0].also),
      /^89\.94 \(mnn-readme, 2023-12-24\); 89\.94 \(benchmark-readme-before-fix/,
    );
  });
});
