import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadPlan, type RunStatus, slurmTasks, sweepFolder, sweepStatus } from '../../lib/sweep';
import { submissionsOf } from '../../lib/sweep/slurm';
import { readTaskStatus } from '../../lib/sweep/task-status';
import { temporaryFolder } from '../data/temporary-folder';
import { noSlurm, type SlurmCluster, startSlurm, taskStates, until } from '../tools/slurm-cluster';
import { alike, mnnOk, recordsIn, tinyPlan } from './tiny-sweep';

/** It takes a minute and is npm run test:slurm, so that npm test stays below three. */
const reason = process.env.MNN_TEST_SLURM ? noSlurm() : 'npm run test:slurm runs it';

describe(`A sweep on Slurm${reason ? ` (skipped: ${reason})` : ''}`, function () {
  this.timeout(240_000);
  const folder = temporaryFolder();
  let cluster: SlurmCluster;
  before(async function () {
    if (reason) this.skip();
    cluster = await startSlurm({ cpus: 2 });
  });
  after(() => cluster?.stop());
  afterEach(function () {
    if (this.currentTest?.state === 'failed') console.error(cluster.logs());
  });

  const sweep = (plan: string, ...more: string[]) =>
    mnnOk('sweep', plan, '--executor', 'slurm', '--partition', 'test', '--time', '10', ...alike, ...more);
  const statuses = (plan: string): RunStatus[] => sweepStatus(plan, loadPlan(plan), slurmTasks(plan));
  const inState = (plan: string, state: string) => statuses(plan).filter((status) => status.state === state);

  it('ends with the records of a local one, also where a task is killed and another meets its time limit', async () => {
    const [here, there] = ['here', 'there'].map((name) => join(folder(), name));
    mnnOk('sweep', tinyPlan(here, 4, 25), ...alike);
    const plan = tinyPlan(there, 4, 25);
    assert.match(sweep(plan, '--max-parallel', '2'), /Slurm job \d+: 8 tasks/);
    const [{ job }] = submissionsOf(plan);

    const [killed] = statuses(plan);
    await until('the first task', () => readTaskStatus(plan, killed.id) !== undefined);
    process.kill(readTaskStatus(plan, killed.id)!.pid, 'SIGKILL');
    const fails = () => inState(plan, 'failed').map(({ index }) => index);
    await until('the killed task to be told of', () => fails().includes(killed.index));
    assert.match(mnnOk('sweep', 'status', plan), /failed .*The process ended on .* without a word.*slurm-/s);

    const begun = () => inState(plan, 'running').find(({ detail }) => /epoch [1-9]/.test(detail));
    await until('a task with an epoch', () => begun() !== undefined);
    const warned = begun()!;
    // What Slurm sends before the time limit, and to whom: the batch shell.
    execFileSync('scancel', ['--signal=USR1', '--batch', `${job}_${warned.index}`]);
    await until('it to be in the queue again', () => taskStates(job).get(warned.index) === 'PENDING');
    assert.match(statuses(plan)[warned.index].detail, /^Slurm .*pending, BeginTime/);

    mnnOk('sweep', 'retry', plan);
    await until('all records', () => inState(plan, 'done').length === 8, 120);
    assert.deepEqual(recordsIn(there), recordsIn(here));
    assert.equal(recordsIn(there).length, 8);
    const log = readFileSync(join(sweepFolder(plan), 'logs', `slurm-${job}_${warned.index}.log`), 'utf8');
    assert.match(log, /SIGUSR1: saving.*has its record/s);
    assert.match(sweep(plan), /8 done, 0 to run/);
  });

  it('is cancelled: what waits leaves the queue, what is at work saves', async () => {
    const plan = tinyPlan(folder(), 2, 2000);
    sweep(plan, '--max-parallel', '1');
    await until('an epoch', () => inState(plan, 'running').some(({ detail }) => /epoch [1-9]/.test(detail)));
    const [{ index }] = inState(plan, 'running');
    assert.equal(inState(plan, 'queued').length, 3);
    assert.match(mnnOk('sweep', 'cancel', plan), /Stopping: Slurm job \d+/);
    await until('the task to stop', () => statuses(plan)[index].state === 'stopped');
    assert.equal(inState(plan, 'waiting').length, 3);
    assert.match(mnnOk('sweep', 'logs', plan, String(index)), /SIGTERM: saving/);
  });

  it('of more runs than an array has tasks is several arrays', () => {
    const plan = tinyPlan(folder(), 501);
    sweep(plan, '--hold', '--max-parallel', '10');
    assert.deepEqual(
      submissionsOf(plan).map(({ offset, indices }) => [offset, indices.length]),
      [
        [0, 1001],
        [1001, 1],
      ],
    );
    assert.equal(inState(plan, 'queued').length, 1002);
    mnnOk('sweep', 'cancel', plan);
    assert.equal(inState(plan, 'waiting').length, 1002);
  });
});
