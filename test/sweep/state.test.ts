import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findStatus, statusText } from '../../lib/cli/commands/sweep';
import { acquireRunLock } from '../../lib/core/lock';
import { saveRecord } from '../../lib/results';

import { loadPlan, localSweeps, type QueuedTask, runTask, sweepFolder, sweepStatus } from '../../lib/sweep';
import { submissionsOf } from '../../lib/sweep/slurm';

import { type TaskStatus, taskFolder, writeTaskStatus } from '../../lib/sweep/task';
import { temporaryFolder } from '../data/temporary-folder';
import { recordOf } from '../paper/paper-record';
import { tinyConfig } from '../training/tiny-run';
import { planFileOf } from './tiny-plan';

describe('The state of a sweep', () => {
  const folder = temporaryFolder();
  const configs = [1, 2, 3].map((seed) => ({ ...tinyConfig(), seed }));
  const planFile = () => planFileOf(folder(), configs);
  const statusOf = (file: string, tasks?: Map<number, QueuedTask>) =>
    sweepStatus(file, loadPlan(file), tasks);
  const says = (file: string, state: TaskStatus['state'], reason: string | null = null) => {
    const [{ id }] = loadPlan(file).runs;
    writeTaskStatus(file, id, { state, reason, log: '/logs/a.log', epoch: 1, epochs: 2, fruitless: 0 });
  };
  const first = (file: string, tasks?: Map<number, QueuedTask>) => {
    const [{ state, detail, log }] = statusOf(file, tasks);
    return [state, detail, log];
  };

  it('is waiting where there is nothing, and done where there is a record, whatever else there is', () => {
    const file = planFile();
    assert.deepEqual(first(file), ['waiting', '', null]);
    says(file, 'failed', 'out of luck');
    saveRecord(recordOf(configs[0]), join(folder(), 'records'));
    assert.deepEqual(first(file), ['done', '', '/logs/a.log']);
    assert.equal(statusText(statusOf(file)), '3 runs: 1 done, 2 waiting');
  });

  it('is told whatever hidden files a Mac has left in its folders', () => {
    const file = planFile();
    for (const place of ['local', 'slurm']) {
      mkdirSync(join(sweepFolder(file), place), { recursive: true });
      writeFileSync(join(sweepFolder(file), place, '._17.json'), 'Mac OS X');
    }
    assert.deepEqual([localSweeps(file), submissionsOf(file)], [[], []]);
  });

  it('is waiting with a word where it was done and its record is gone', () => {
    const file = planFile();
    says(file, 'done');
    const [state, detail] = first(file);
    assert.equal(state, 'waiting');
    assert.match(String(detail), /^It was done .*, but its record is gone/);
  });

  it('is running while a task of the sweep, or anybody else, holds the run', () => {
    const file = planFile();
    const [{ id }] = loadPlan(file).runs;
    for (const place of [taskFolder(file, id), join(folder(), 'runs', id)]) {
      const lock = acquireRunLock(place);
      assert.equal(first(file)[0], 'running');
      lock.release();
      assert.equal(first(file)[0], 'waiting');
    }
    const lock = acquireRunLock(taskFolder(file, id));
    says(file, 'running');
    assert.match(String(first(file)[1]), /^on .+, epoch 1\/2$/);
    lock.release();
  });

  it('has failed with the reason that a task wrote, or without a word where it could not write one', () => {
    const file = planFile();
    says(file, 'failed', 'The loss became NaN.');
    assert.deepEqual(first(file), ['failed', 'The loss became NaN.', '/logs/a.log']);
    assert.match(statusText(statusOf(file)), /1 failed\nfailed .*: The loss became NaN\.\n +\/logs\/a\.log/);
    says(file, 'running');
    assert.match(String(first(file)[1]), /^The process ended on .* without a word\. Out of memory/);
    says(file, 'stopped', 'until later');
    assert.deepEqual(first(file), ['stopped', 'until later', '/logs/a.log']);
  });

  it('is said of every run, also if one cannot be looked at', () => {
    const file = planFile();
    const [{ id }] = loadPlan(file).runs;
    mkdirSync(join(taskFolder(file, id), 'run.lock'), { recursive: true });
    writeFileSync(join(taskFolder(file, id), 'run.lock', 'none.json'), '{}');
    const [state, detail] = first(file);
    assert.equal(state, 'failed');
    assert.match(String(detail), /none\.json names no holder of a lock/);
  });

  it('is queued while Slurm has it, and has failed where Slurm has it no more', () => {
    const file = planFile();
    const task = { name: '7_0', log: '/logs/slurm-7_0.log' };
    const of = (more: Partial<QueuedTask>) => first(file, new Map([[0, { ...task, ...more }]]));
    says(file, 'failed', 'in an earlier attempt');
    assert.deepEqual(of({ queued: 'pending, Priority' }), [
      'queued',
      'Slurm 7_0: pending, Priority',
      '/logs/a.log',
    ]);
    writeFileSync(join(taskFolder(file, loadPlan(file).runs[0].id), 'status.json'), 'damaged');
    const [state, detail, log] = of({ ended: 'OUT_OF_MEMORY' });
    assert.deepEqual([state, log], ['failed', '/logs/slurm-7_0.log']);
    assert.match(String(detail), /before it began without a word\. Slurm says OUT_OF_MEMORY/);
  });

  it('is what a task has said since, where Slurm cannot be asked', () => {
    const file = planFile();
    const task = { name: '7_0', log: '/logs/slurm-7_0.log', queued: 'no squeue here to ask' };
    const of = (unknownSince: string) => first(file, new Map([[0, { ...task, unknownSince }]]));
    const [before, after] = ['2000-01-01T00:00:00.000Z', '3000-01-01T00:00:00.000Z'];
    assert.equal(of(before)[0], 'queued');
    says(file, 'failed', 'The loss became NaN.');
    assert.deepEqual(of(before).slice(0, 2), ['failed', 'The loss became NaN.']);
    assert.deepEqual(of(after).slice(0, 2), ['queued', 'Slurm 7_0: no squeue here to ask']);
    says(file, 'stopped', 'until later');
    assert.equal(of(before)[0], 'stopped');
  });

  it('shows some runs of each kind that matters, or all, and finds one by number, id or a part of it', () => {
    const file = planFile();
    const many = Array.from({ length: 25 }, () => ({ ...statusOf(file)[0], state: 'failed' as const }));
    assert.match(statusText(many), /25 failed\n(failed.*\n){20} +and 5 more/);
    assert.equal(statusText(many, true).split('\n').length, 26);
    const all = statusOf(file);
    assert.equal(findStatus(all, '1'), all[1]);
    assert.equal(findStatus(all, all[2].id), all[2]);
    assert.equal(findStatus(all, '-s2-'), all[1]);
    assert.throws(() => findStatus(all, 'mnn'), /3 runs of the plan: mnn/);
    assert.throws(() => findStatus(all, 'msf'), /No run of the plan: msf/);
  });

  it('is left alone by a task whose run has a record, or is in other hands', async () => {
    const file = planFile();
    saveRecord(recordOf(configs[0]), join(folder(), 'records'));
    assert.equal(await runTask(file, 0), 'done');
    const lock = acquireRunLock(taskFolder(file, loadPlan(file).runs[1].id));
    assert.equal(await runTask(file, 1, { waitSeconds: 0 }), 'elsewhere');
    lock.release();
    await assert.rejects(runTask(file, 3), /The plan has no run 3: its 3 runs count from 0/);
    assert.equal(statusText(statusOf(file)), '3 runs: 1 done, 2 waiting');
  });
});
