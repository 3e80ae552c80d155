import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import { WorkerPool } from '../../lib/augment/worker-pool';
import { projectRoot } from '../../lib/core/paths';

type Task = number | 'throw' | 'exit' | 'silence';

const FILE = join(__dirname, 'faulty-worker.ts');

describe('WorkerPool', () => {
  let pool: WorkerPool<Task, number>;
  afterEach(() => pool.close());

  it('answers each task with its own result', async () => {
    pool = new WorkerPool(FILE, undefined, 2);
    const tasks = Array.from({ length: 20 }, (_, i) => i);
    const results = await Promise.all(tasks.map((task) => pool.run(task)));
    assert.deepEqual(
      results,
      tasks.map((task) => 2 * task),
    );
  });

  it('fails all open tasks when a worker throws, and says why', async () => {
    pool = new WorkerPool(FILE, undefined, 2);
    const never = pool.run('silence');
    await assert.rejects(pool.run('throw'), /A worker thread failed: task out of range/);
    await assert.rejects(never, /task out of range/);
  });

  it('fails all open tasks when a worker exits', async () => {
    pool = new WorkerPool(FILE, undefined, 1);
    const never = pool.run('silence');
    await assert.rejects(pool.run('exit'), /ended with exit code 3/);
    await assert.rejects(never, /exit code 3/);
  });

  it('fails later tasks with the first failure', async () => {
    pool = new WorkerPool(FILE, undefined, 2);
    await assert.rejects(pool.run('throw'));
    await assert.rejects(pool.run(1), /task out of range/);
  });

  it('keeps a failure until its task is awaited', async () => {
    let unhandled = 0;
    const count = () => unhandled++;
    process.on('unhandledRejection', count);
    pool = new WorkerPool(FILE, undefined, 1);
    const awaitedLater = pool.run('silence');
    await assert.rejects(pool.run('exit'));
    await setTimeout(20);
    await assert.rejects(awaitedLater, /exit code 3/);
    process.off('unhandledRejection', count);
    assert.equal(unhandled, 0);
  });

  it('fails when the worker file cannot be loaded', async () => {
    pool = new WorkerPool(join(__dirname, 'no-such-worker.ts'), undefined, 1);
    await assert.rejects(pool.run(1), /Cannot find module/);
  });

  it('fails open and later tasks when it is closed', async () => {
    pool = new WorkerPool(FILE, undefined, 1);
    const open = pool.run('silence');
    await pool.close();
    await assert.rejects(open, /closed/);
    await assert.rejects(pool.run(1), /closed/);
  });
});

describe('A process that has nothing but a WorkerPool', () => {
  it('lives until the pool is closed, however many threads it has', async () => {
    const script = `
      const { WorkerPool } = require('./lib/augment/worker-pool.ts');
      const pool = new WorkerPool(${JSON.stringify(FILE)}, undefined, 3);
      (async () => {
        console.log(await pool.run(21));
        await pool.close();
        console.log('closed');
      })();`;
    const options = { cwd: projectRoot, timeout: 20_000 };
    const { stdout } = await promisify(execFile)(process.execPath, ['-r', 'tsx/cjs', '-e', script], options);
    assert.equal(stdout, '42\nclosed\n');
  });
});
