import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { on } from 'node:events';
import { join } from 'node:path';
import { packageRoot } from '../../lib/core/paths';
import type { CellResult } from '../../lib/notebook/kernel';

type Result = CellResult & { text: string };

describe('The kernel', () => {
  let child: ChildProcess;
  let messages: AsyncIterator<Result[]>;
  before(() => {
    child = fork(join(__dirname, 'kernel-process.ts'), { execArgv: ['-r', 'tsx/cjs'], stdio: 'inherit' });
    messages = on(child, 'message');
  });
  after(() => child.kill('SIGKILL'));

  const next = async () => (await messages.next()).value[0];
  const run = async (code: string): Promise<Result> => {
    child.send(code);
    return next();
  };
  const runAndInterrupt = async (code: string, times = 1): Promise<Result> => {
    child.send(code);
    assert.equal(await next(), 'begun');
    for (let i = 0; i < times; i++) child.send('interrupt');
    return next();
  };
  /** tslab drops cells for a moment after one that failed. */
  const settled = () => new Promise((resolve) => setTimeout(resolve, 250));
  const alive = async () => assert.equal((await run("console.log('alive')")).text, 'alive\n');
  const library = `const { interruptSignal: signalOf } = require('${join(packageRoot, 'core', 'interruption')}');`;

  it('tells all that the compiler has to say about a cell, and runs the next', async () => {
    const { status, executionCount, error } = await run("const a: number = 'a';\nconst b: string = 2;");
    assert.deepEqual([status, executionCount, error?.ename], ['error', 1, 'CompilerError']);
    assert.match(error?.evalue ?? '', /^1:7 - Type 'string'.*\n2:7 - Type 'number'/);
    await settled();
    await alive();
  });

  it('fails a cell for a promise that nobody awaits', async () => {
    const { status, error } = await run("Promise.reject(new Error('late'));");
    assert.deepEqual([status, error?.ename, error?.evalue], ['error', 'Error', 'late']);
    await settled();
  });

  it('drops what waits behind a cell that fails', async () => {
    child.send("await Promise.resolve(); throw new RangeError('first')");
    child.send("console.log('second')");
    const results: Result[] = [await next(), await next()];
    assert.deepEqual(results.map(({ status, text }) => [status, text]).sort(), [
      ['aborted', ''],
      ['error', ''],
    ]);
    await settled();
  });

  it('lets a cell that looks at the signal end its own way when interrupted', async () => {
    const { error } = await runAndInterrupt(`${library}
      const signal = signalOf();
      console.log('begun');
      await new Promise((_, reject) => signal.onabort = () => reject(new TypeError('in order')));`);
    assert.deepEqual([error?.ename, error?.evalue], ['TypeError', 'in order']);
    await settled();
    await alive();
  });

  it('gives up a cell that does not look, and one that is interrupted twice', async () => {
    const deaf = await runAndInterrupt("console.log('begun'); await new Promise(() => {});");
    assert.match(deaf.error?.evalue ?? '', /Interrupted/);
    await settled();
    const slow = await runAndInterrupt(
      `${library}\nconst s = signalOf();\nconsole.log('begun');\nawait new Promise(() => {});`,
      2,
    );
    assert.match(slow.error?.evalue ?? '', /Interrupted/);
    await settled();
  });

  it('takes no notice of an interrupt while nothing runs', async () => {
    await alive();
    child.send('interrupt');
    await alive();
  });
});
