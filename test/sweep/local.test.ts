import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../lib/core/paths';
import {
  defaultParallel,
  listGpus,
  loadPlan,
  type RunEnd,
  sweepLocally,
  sweepStatus,
  threadsFor,
} from '../../lib/sweep';
import { compileKit, mnnCommand } from '../compile-kit';
import { temporaryFolder } from '../data/temporary-folder';
import { tinyConfig } from '../training/tiny-run';
import { planFileOf } from './tiny-plan';
import { recordsIn } from './tiny-sweep';

describe('A sweep on this machine', () => {
  before(compileKit);
  const folder = temporaryFolder();
  const options = {
    command: [process.execPath, join(projectRoot, ...mnnCommand)],
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
    assert.equal(await sweepLocally(file, [0], { ...options, command: ['false'], onEnd }), 1);
    assert.equal(ends[wrong.id].reason, 'its process ended with 1', 'not what an earlier one said');
    assert.equal(
      await sweepLocally(file, [1], { ...options, command: ['false'] }),
      0,
      'nothing is left to run',
    );
  });

  it('saves what is at work when it is stopped', async () => {
    const file = planFileOf(folder(), [tinyConfig('mnn', { training: { epochs: 2000 } })]);
    const controller = new AbortController();
    const onUpdate = () => controller.abort('SIGTERM');
    assert.equal(await sweepLocally(file, [0], { ...options, signal: controller.signal, onUpdate }), 0);
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

  it('takes the GPUs that CUDA would, up to the first that is none', () => {
    const { CUDA_VISIBLE_DEVICES: before } = process.env;
    const visible = (list: string) => {
      process.env.CUDA_VISIBLE_DEVICES = list;
      return listGpus();
    };
    try {
      assert.deepEqual(visible('0, 3'), ['0', '3']);
      assert.deepEqual(visible('GPU-8932f937,MIG-1'), ['GPU-8932f937', 'MIG-1']);
      assert.deepEqual(visible('2,-1,3'), ['2']);
      for (const none of ['', '-1', 'NoDevFiles']) assert.deepEqual(visible(none), []);
    } finally {
      if (before === undefined) delete process.env.CUDA_VISIBLE_DEVICES;
      else process.env.CUDA_VISIBLE_DEVICES = before;
    }
  });

  it('begins no more at once than the memory of the container holds', () => {
    const { constrainedMemory } = process;
    try {
      process.constrainedMemory = () => 5 * 2 ** 30;
      assert.equal(defaultParallel([]), 1);
    } finally {
      process.constrainedMemory = constrainedMemory;
    }
  });

  it('shares the cores out', () => {
    assert.equal(threadsFor(1_000_000), 1);
    assert.ok(threadsFor(1) >= 1);
  });
});
