import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findTable, makePlan, planSummary } from '../../lib/paper';
import { recordId, saveRecord } from '../../lib/results';
import { type RunEstimate, runFolder } from '../../lib/runs';
import { temporaryFolder } from '../data/temporary-folder';
import { recordOf } from './paper-record';

describe('The plan of a table', () => {
  const folder = temporaryFolder();
  const plan = (preset = 'quick', datasets?: string[]) =>
    makePlan(
      findTable('linear'),
      { preset, datasets, methods: ['mnn'] },
      {
        records: join(folder(), 'records'),
        runs: join(folder(), 'runs'),
      },
    );
  const summary = () => {
    const made = plan();
    const estimate: RunEstimate = { seconds: 60, basis: 'measured' };
    return planSummary(made, new Map(made.missing.map((config) => [recordId(config), estimate])));
  };

  it('says which records were made on fewer images than there are', () => {
    const small = () => plan('small', ['cifar10']);
    const record = recordOf(small().missing[0]);
    saveRecord(record, join(folder(), 'records'));
    assert.doesNotMatch(planSummary(small()), /fewer images/);
    record.dataset = { ...record.dataset, trainImages: 20 };
    saveRecord(record, join(folder(), 'records'));
    assert.match(
      planSummary(small()),
      /1 of the records was made on fewer images .*: 20 of \d+ training images/,
    );
  });

  it('takes a run as begun only where it has a checkpoint, and its time then for the most it takes', () => {
    const run = runFolder(plan().missing[0], join(folder(), 'runs'));
    mkdirSync(run, { recursive: true });
    writeFileSync(join(run, '._checkpoint.safetensors'), 'Mac OS X');
    assert.equal(plan().resumable.length, 0);
    assert.doesNotMatch(summary(), /at most/);
    writeFileSync(join(run, 'checkpoint.safetensors'), '');
    assert.equal(plan().resumable.length, 1);
    assert.match(summary(), /1 of them go on from a checkpoint. All of it takes at most about/);
  });
});
