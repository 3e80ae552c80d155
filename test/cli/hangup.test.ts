import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { runLockHolder } from '../../lib/core/lock';
import { projectRoot } from '../../lib/core/paths';
import { compileKit, mnnCommand } from '../compile-kit';
import { temporaryFolder } from '../data/temporary-folder';

const has = (program: string) => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;

describe('A run whose terminal goes away', function () {
  before(compileKit);
  this.timeout(120_000);
  const folder = temporaryFolder();
  const started: ChildProcess[] = [];
  afterEach(() => {
    for (const { pid } of started.splice(0)) {
      try {
        process.kill(-pid!, 'SIGKILL');
      } catch {
        // It is over.
      }
    }
  });

  const command = () => {
    const size = '--limit 64 --batch-size 32 --width 2 --epochs 500 --engine wasm --threads 1 --workers 0';
    const places = `--runs ${folder()}/runs --records ${folder()}/records`;
    const node = `'${process.execPath}' ${mnnCommand.join(' ')}`;
    return `${node} pretrain --dataset shapes10 --preset quick ${size} ${places}`;
  };
  const log = () => join(folder(), 'log');
  const written = () => (existsSync(log()) ? readFileSync(log(), 'utf8') : '');
  const epochs = () => written().match(/: epoch \d+,/g)?.length ?? 0;
  const until = async (what: string, is: () => boolean) => {
    for (const end = Date.now() + 60_000; !is(); await sleep(50))
      assert.ok(Date.now() < end, `no ${what}: ${written()}`);
  };
  /** A session of its own, as a login has; bash names the program that it starts in the variable `_`. */
  const session = (program: string, ...args: string[]) => {
    const { _, ...env } = process.env;
    const child = spawn(program, args, { cwd: projectRoot, detached: true, stdio: 'ignore', env });
    started.push(child);
    return child;
  };
  const hangUp = ({ pid }: ChildProcess) => process.kill(-pid!, 'SIGHUP');
  const goesOn = async () => {
    const before = epochs();
    await until('further epoch', () => epochs() >= before + 2);
    assert.doesNotMatch(written(), /SIGHUP/);
  };

  it('saves and ends as with SIGTERM, also where it hears of it twice', async () => {
    const shell = session('sh', '-c', `exec ${command()} > ${log()} 2>&1`);
    await until('epoch', () => epochs() > 0);
    const ended = new Promise((resolve) => shell.on('exit', (code, signal) => resolve(code ?? signal)));
    hangUp(shell);
    hangUp(shell);
    assert.equal(await ended, 75);
    assert.match(written(), /SIGHUP: saving after the step at hand.*\n.*goes on from there/s);
    const [run] = readdirSync(join(folder(), 'runs'));
    assert.ok(existsSync(join(folder(), 'runs', run, 'checkpoint.safetensors')));
  });

  it('goes on in a script that ignores it', async () => {
    const shell = session('sh', '-c', `trap '' HUP; ${command()} > ${log()} 2>&1; true`);
    await until('epoch', () => epochs() > 0);
    hangUp(shell);
    await goesOn();
  });

  for (const shell of ['bash', 'script']) {
    it(`goes on under nohup, started ${shell === 'bash' ? 'by bash' : 'in a terminal'}`, async function () {
      if (!has('nohup') || !has(shell)) return this.skip();
      const line = `nohup ${command()} > ${log()} 2>&1`;
      // Without bash's variable there is what nohup and the terminal tell.
      const terminal = ['-qfc', `unset _; nohup env -u _ ${command()} > ${log()} 2>&1`, '/dev/null'];
      const child =
        shell === 'bash' ? session('bash', '-c', `${line}; true`) : session('script', ...terminal);
      await until('epoch', () => epochs() > 0);
      if (shell === 'bash') hangUp(child);
      else child.kill('SIGKILL');
      await goesOn();
      const [run] = readdirSync(join(folder(), 'runs'));
      process.kill(runLockHolder(join(folder(), 'runs', run))!.pid, 'SIGKILL');
    });
  }
});
