import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { planCommand } from '../../lib/cli/commands/plan';
import { cancelSweep, sweepCommand } from '../../lib/cli/commands/sweep';
import { startSweep, withLastOptions } from '../../lib/cli/sweep-start';
import { UserError } from '../../lib/core/errors';
import { acquireRunLock, type LockHolder } from '../../lib/core/lock';
import { loadPlan, slurmTasks, sweepFolder } from '../../lib/sweep';
import { writeTaskStatus } from '../../lib/sweep/task';

import { temporaryFolder } from '../data/temporary-folder';
import { planFileOf } from '../sweep/tiny-plan';
import { failure, tinyConfig } from '../training/tiny-run';

describe('mnn plan', () => {
  const folder = temporaryFolder();

  it('refuses a file that is there before all other work', async () => {
    const file = planFileOf(folder(), [tinyConfig()]);
    // What comes later would say that there is no such method.
    const given = ['linear', '--preset', 'quick', '--methods', 'nothing', '--out', file];
    await failure(planCommand().parseAsync(given, { from: 'user' }), UserError, /is there already/);
  });
});

describe('A sweep from the command line, without Slurm', () => {
  const folder = temporaryFolder();
  const { PATH } = process.env;
  before(() => {
    process.env.PATH = '';
  });
  after(() => {
    process.env.PATH = PATH;
  });
  const plan = () => planFileOf(folder(), [tinyConfig()]);

  /** A plan as if that process were at work on it, until what is returned is called. */
  const swept = (file: string, name: string, holder: Partial<LockHolder>) => {
    const place = join(sweepFolder(file), 'local', name);
    const { release } = acquireRunLock(place);
    const lock = join(place, 'run.lock', 'none.json');
    writeFileSync(lock, JSON.stringify({ ...JSON.parse(readFileSync(lock, 'utf8')), ...holder }));
    return release;
  };
  const submitted = (file: string) => {
    const place = join(sweepFolder(file), 'slurm');
    mkdirSync(place, { recursive: true });
    const submission = { job: 7, offset: 0, indices: [0], submittedAt: '2026-01-01T00:00:00.000Z' };
    writeFileSync(join(place, '7.json'), JSON.stringify(submission));
  };

  it('keeps its options for a retry in any folder, and says which file of them is damaged', async () => {
    const file = plan();
    const given = { executor: 'slurm', data: 'd', scratch: 's', time: '10' };
    await failure(startSweep(file, ['waiting'], given), UserError, /There is no scontrol here/);
    assert.deepEqual(withLastOptions(file, { time: '20' }), {
      ...given,
      data: resolve('d'),
      scratch: resolve('s'),
      time: '20',
    });
    assert.deepEqual(withLastOptions(file, { executor: 'local' }), { executor: 'local' });
    writeFileSync(join(sweepFolder(file), 'options.json'), '{"exec');
    assert.throws(() => withLastOptions(file, {}), /last sweep in .*options\.json .*Remove it/);
  });

  it('is canceled as far as it can be from here, and what is left is named', async () => {
    const file = plan();
    assert.equal(cancelSweep(file), 'Nothing is at work here.');
    const child = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60000)']);
    const ended = once(child, 'exit');
    const locks = [
      swept(file, 'here', { pid: child.pid, processStart: startOf(child.pid!) }),
      swept(file, 'there', { host: 'elsewhere', processes: 'another boot' }),
    ];
    submitted(file);
    assert.throws(() => cancelSweep(file), {
      name: 'UserError',
      message: new RegExp(
        `Stopping: the sweep in process ${child.pid}\\. Runs.*\n` +
          'Not stopped: the sweep in process \\d+ on elsewhere: give the same command there\n' +
          'Not stopped: what Slurm has of the plan: There is no squeue here',
      ),
    });
    assert.equal((await ended)[1], 'SIGTERM');
    assert.deepEqual(readdirSync(join(sweepFolder(file), 'slurm')), ['7.json'], 'to be canceled elsewhere');
    for (const release of locks) release();
  });

  it('prints as many lines of a log as are asked for, none for 0', async () => {
    const file = plan();
    const [{ id }] = loadPlan(file).runs;
    const log = join(folder(), 'run.log');
    writeFileSync(log, 'one\ntwo\nthree\n');
    const status = { state: 'failed', reason: null, log, epoch: 1, epochs: 2, fruitless: 0 } as const;
    writeTaskStatus(file, id, status);
    const printed = async (lines: string) => {
      const { log: print } = console;
      const texts: string[] = [];
      console.log = (text: string) => texts.push(text);
      try {
        await sweepCommand().parseAsync(['logs', file, '0', '--lines', lines], { from: 'user' });
      } finally {
        console.log = print;
      }
      return texts;
    };
    assert.deepEqual(await printed('0'), []);
    assert.deepEqual(await printed('2'), ['two\nthree']);
    assert.deepEqual(await printed('9'), ['one\ntwo\nthree']);
  });

  it('does not know whether Slurm has what it was given', () => {
    const file = plan();
    submitted(file);
    assert.deepEqual(
      [...slurmTasks(file).values()].map(({ queued, unknownSince }) => [queued, unknownSince]),
      [['no squeue here to ask', '2026-01-01T00:00:00.000Z']],
    );
  });
});

/** As the lock notes it; null where the system does not say. */
function startOf(pid: number): string | null {
  const file = `/proc/${pid}/stat`;
  if (!existsSync(file)) return null;
  const stat = readFileSync(file, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
}
