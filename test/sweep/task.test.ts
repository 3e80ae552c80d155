import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Interrupted, UserError } from '../../lib/core/errors';
import { acquireRunLock } from '../../lib/core/lock';
import { loadPlan, runTask, sweepFolder } from '../../lib/sweep';
import { readTaskStatus, writeTaskStatus } from '../../lib/sweep/task';
import { temporaryFolder } from '../data/temporary-folder';
import { failure, tinyConfig } from '../training/tiny-run';
import { planFileOf } from './tiny-plan';

describe('A task of a sweep', () => {
  const folder = temporaryFolder();
  const said = (file: string) => readTaskStatus(file, loadPlan(file).runs[0].id);

  it('fails when its time runs out twice in a row before a step of the training; then it is counted anew', async () => {
    const file = planFileOf(folder(), [{ ...tinyConfig(), dataset: 'cifar10' }]);
    // Another process that copies the dataset takes longer than the task has.
    const scratch = join(folder(), 'scratch');
    const lock = acquireRunLock(join(scratch, '.cifar10'));
    const outOfTime = () => runTask(file, 0, { scratch, signal: AbortSignal.abort('SIGUSR1') });
    for (let round = 0; round < 2; round++) {
      await failure(outOfTime(), Interrupted);
      assert.equal(said(file)?.state, 'stopped');
      await failure(outOfTime(), UserError, /2 attempts in a row/, /retry .*plan\.json --time/, /waiting/);
      assert.equal(said(file)?.state, 'failed');
    }
    lock.release();
  });

  it('goes on where a step was made before its time ran out', async () => {
    const file = planFileOf(folder(), [tinyConfig()]);
    const status = { state: 'stopped', reason: null, log: null, epoch: 0, epochs: 2, fruitless: 1 } as const;
    writeTaskStatus(file, loadPlan(file).runs[0].id, status);
    const controller = new AbortController();
    const onStep = () => controller.abort('SIGUSR1');
    await failure(
      runTask(file, 0, { engine: 'wasm', workers: 0, signal: controller.signal, onStep }),
      Interrupted,
    );
    assert.equal(said(file)?.fruitless, 0);
  });

  it('says why it failed also where its status cannot be written, and warns of that once', async () => {
    const file = planFileOf(folder(), [{ ...tinyConfig(), dataset: 'shapes11' }]);
    const id = loadPlan(file).runs[0].id;
    // Where the status goes there is a folder with something in it.
    const status = join(sweepFolder(file), 'tasks', id, 'status.json');
    mkdirSync(status, { recursive: true });
    writeFileSync(join(status, 'file'), '');
    const warnings: string[] = [];
    await failure(
      runTask(file, 0, { engine: 'wasm', warn: (message) => warnings.push(message) }),
      UserError,
      /Unknown dataset 'shapes11'/,
    );
    assert.equal(warnings.length, 1);
    assert.match(warnings[0], /status does not show this task: Cannot write .*status\.json/);
    rmSync(status, { recursive: true });
  });
});
