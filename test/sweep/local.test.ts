import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../lib/package-root';
import { loadPlan, type RunEnd, sweepLocally, sweepStatus, threadsFor } from '../../lib/sweep';
import { temporaryFolder } from '../data/temporary-folder';
import { tinyConfig } from '../training/tiny-run';
import { planFileOf } from './tiny-plan';
import { recordsIn } from './tiny-sweep';

describe('A sweep on this machine', () => {
  const folder = temporaryFolder();
  const options = {
    command: [process.execPath, '-r', 'tsx/cjs', join(projectRoot, 'lib', 'cli', 'main.ts')],
    taskArguments: ['--engine', 'wasm', '--threads', '1', '--workers', '0'],
    parallel: 2,
    gpus: [],
  };

  it('makes a record of each run, and of one that fails keeps the reason', async () => {
    const config = tinyConfig('untrained');
    const file = planFileOf(folder(), [{ ...config, dataset: 'shapes11' }, config]);
    const ends: Record<string, RunEnd> = {};
    const onEnd = ({ id }: { id: string }, end: RunEnd) => {
      ends[id] = end;
    };
    assert.equal(await sweepLocally(file, [0, 1], { ...options, onEnd }), 1);
    const [wrong, right] = sweepStatus(file, loadPlan(file));
    assert.deepEqual([wrong.state, right.state], ['failed', 'done']);
    assert.match(wrong.detail, /Unknown dataset 'shapes11'/);
    assert.match(ends[wrong.id].reason!, /Unknown dataset 'shapes11'/);
    assert.match(readFileSync(wrong.log!, 'utf8'), /Unknown dataset 'shapes11'/);
    assert.equal(ends[right.id].state, 'done');
    assert.equal(recordsIn(folder()).length, 1);
    assert.equal(
      await sweepLocally(file, [1], { ...options, command: ['false'] }),
      0,
      'nothing is left to run',
    );
  });

  it('saves what is at work when it is stopped', async () => {
    const file = planFileOf(folder(), [tinyConfig('mnn', { training: { epochs: 2000 } })]);
    const controller = new AbortController();
    const onNews = () => controller.abort('SIGTERM');
    assert.equal(await sweepLocally(file, [0], { ...options, signal: controller.signal, onNews }), 0);
    const [{ state, detail }] = sweepStatus(file, loadPlan(file));
    assert.equal(state, 'stopped', detail);
    assert.match(detail, /stopped after step \d+.*goes on from there/);
  });

  it('begins nothing when it is stopped', async () => {
    const file = planFileOf(folder(), [tinyConfig()]);
    const signal = AbortSignal.abort('SIGTERM');
    assert.equal(await sweepLocally(file, [0], { ...options, command: ['false'], signal }), 0);
    assert.equal(sweepStatus(file, loadPlan(file))[0].state, 'waiting');
  });

  it('shares the cores out', () => {
    assert.equal(threadsFor(1_000_000), 1);
    assert.ok(threadsFor(1) >= 1);
  });
});
