import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { saveRecord } from '../../lib/results';
import { temporaryFolder } from '../data/temporary-folder';
import { sampleRecord } from '../results/sample-record';
import { mnn } from './mnn';

const figure = (...args: string[]) => mnn('figure', ...args);

describe('mnn figure', () => {
  const folder = temporaryFolder();

  it('lists the figures', () => {
    const { code, output } = figure('list');
    assert.equal(code, 0, output);
    for (const name of ['overview', 'learning-curves', 'purity', 'lambda', 'top-k', 'published', 'features'])
      assert.ok(output.includes(name), name);
  });

  it('draws the records of a folder, those that are asked for, in the formats that are asked for', () => {
    const records = join(folder(), 'records');
    for (const method of ['mnn', 'msf']) saveRecord(sampleRecord(method), records);
    const out = join(folder(), 'figures');
    const common = ['learning-curves', '--records', records, '--out', out];
    const drawn = figure(...common, '--dataset', 'shapes10', '--theme', 'dark', '--format', 'svg,pdf');
    assert.equal(drawn.code, 0, drawn.output);
    assert.deepEqual(readdirSync(out).sort(), [
      'learning-curves-shapes10-dark.pdf',
      'learning-curves-shapes10-dark.svg',
    ]);
    const none = figure(...common, '--methods', 'byol');
    assert.equal(none.code, 1);
    assert.match(none.output, /None of the 2 records .* is asked for/);
    const network = figure('features', '--records', records);
    assert.equal(network.code, 1);
    assert.match(network.output, /of one run, and these are 2: choose one with --run.*mnn-shapes10/s);
  });

  it('takes the format from a file’s name', () => {
    const file = join(folder(), 'mnn.pdf');
    const { code, output } = figure('overview', '--out', file);
    assert.equal(code, 0, output);
    assert.ok(existsSync(file));
  });

  it('suggests a figure for a wrong name', () => {
    const { code, output } = figure('overvew');
    assert.equal(code, 1);
    assert.match(output, /Unknown figure 'overvew'. Did you mean overview/);
  });
});
