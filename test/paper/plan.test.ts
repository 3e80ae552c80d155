import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findTable, makePlan, planSummary } from '../../lib/paper';
import { recordId } from '../../lib/results';
import { type RunEstimate, runFolder } from '../../lib/runs';
import { temporaryFolder } from '../data/temporary-folder';

describe('The plan of a table', () => {
  const folder = temporaryFolder();
  const plan = () =>
    makePlan(
      findTable('linear'),
      { preset: 'quick', methods: ['mnn'] },
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

  it('takes a run as begun only where it has a checkpoint, and its time then for the most it takes', () => {
    const run = runFolder(plan().missing[0], join(folder(), 'runs'));
    mkdirSync(run, { recursive: true });
    assert.equal(plan().begun.length, 0);
    assert.doesNotMatch(summary(), /at most/);
    writeFileSync(join(run, 'checkpoint.safetensors'), '');
    assert.equal(plan().begun.length, 1);
    assert.match(summary(), /1 of them go on from a checkpoint. All of it takes at most about/);
  });
});
