import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadPlan, type RunStatus, slurmTasks, sweepFolder, sweepStatus } from '../../lib/sweep';
import { submissionsOf } from '../../lib/sweep/slurm';
import { readTaskStatus } from '../../lib/sweep/task';
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
    const [here, there] = ['here', "there, 50%A it's"].map((name) => join(folder(), name));
    mnnOk('sweep', tinyPlan(here, 4, 25), ...alike);
    const plan = tinyPlan(there, 4, 25);
    assert.match(sweep(plan, '--max-parallel', '2'), /Slurm job \d+: 8 tasks/);
    const [{ job }] = submissionsOf(plan);

    const { runs } = loadPlan(plan);
    const said = (index: number) => readTaskStatus(plan, runs[index].id);
    const [warned, killed] = [1, 2];
    await until('an epoch of a task', () => (said(warned)?.epoch ?? 0) > 0);
    // As Slurm does before the time limit; scancel takes seconds to, in which the run may be over.
    process.kill(said(warned)!.pid, 'SIGUSR1');
    await until('it to be in the queue again', () => taskStates(job).get(warned) === 'PENDING');
    assert.match(statuses(plan)[warned].detail, /^Slurm .*pending, /);

    await until('another task', () => said(killed) !== undefined);
    process.kill(said(killed)!.pid, 'SIGKILL');
    await until('it to be told of', () => statuses(plan)[killed].state === 'failed');
    assert.match(mnnOk('sweep', 'status', plan), /failed .*The process ended on .* without a word.*slurm-/s);

    mnnOk('sweep', 'retry', plan);
    await until('all records', () => inState(plan, 'done').length === 8, 120);
    assert.deepEqual(recordsIn(there), recordsIn(here));
    assert.equal(recordsIn(there).length, 8);
    const log = readFileSync(join(sweepFolder(plan), 'logs', `slurm-${job}_${warned}.log`), 'utf8');
    assert.match(log, /SIGUSR1: saving.*has its record/s);
    assert.match(sweep(plan), /8 done, 0 to run/);
  });

  it('is canceled: what waits leaves the queue, what is at work saves', async () => {
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
