import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../lib/core/errors';
import { acquireRunLock, type LockHolder, RunLockedError, runLockHolder } from '../../lib/core/lock';
import { temporaryFolder } from '../data/temporary-folder';

describe('The lock of a run', () => {
  const folder = temporaryFolder();
  const place = () => join(folder(), 'run.lock');

  /** What this process writes of itself as a holder. */
  const ownHolder = (): LockHolder => {
    const { release } = acquireRunLock(join(folder(), 'own'));
    const holder = runLockHolder(join(folder(), 'own'))!;
    release();
    return holder;
  };
  /** Puts a lock there as another process would have. */
  const lockedBy = (change: Partial<LockHolder>, { beatAgo = 0, at = folder() } = {}): LockHolder => {
    const holder = { ...ownHolder(), id: randomUUID(), ...change };
    const lock = join(at, 'run.lock');
    mkdirSync(lock, { recursive: true });
    writeFileSync(join(lock, 'none.json'), JSON.stringify(holder));
    const beat = join(lock, `${holder.id}.beat`);
    writeFileSync(beat, '');
    const time = Date.now() / 1000 - beatAgo;
    utimesSync(beat, time, time);
    return holder;
  };
  const deadProcess = { processStart: '1' };
  const elsewhere = { host: 'far', processes: 'far' };

  it('is taken, makes the folder, and leaves nothing when it is released', () => {
    const deep = join(folder(), 'a', 'b');
    const lock = acquireRunLock(deep);
    assert.equal(runLockHolder(deep)?.pid, process.pid);
    lock.assertHeld();
    lock.release();
    assert.ok(!existsSync(deep));
    assert.equal(runLockHolder(deep), undefined);
    acquireRunLock(deep).release();
  });

  it('is refused while it is held, naming the holder and the way out', () => {
    const { release } = acquireRunLock(folder());
    assert.throws(
      () => acquireRunLock(folder()),
      (error: Error) => {
        assert.ok(error instanceof RunLockedError && error instanceof UserError);
        assert.match(
          error.message,
          new RegExp(`process ${process.pid} on .* since 20.*Wait for it, or stop it`),
        );
        return true;
      },
    );
    release();
    assert.deepEqual(readdirSync(folder()), []);
  });

  it('of a process that ended here is taken over at once, also where its number belongs to another', () => {
    lockedBy(deadProcess);
    const lock = acquireRunLock(folder());
    lock.assertHeld();
    lock.release();
    assert.ok(!existsSync(place()));
  });

  it('of a process that runs and does not show itself (hidepid) goes by its beat', () => {
    const { kill } = process;
    process.kill = () => {
      throw Object.assign(new Error('not permitted'), { code: 'EPERM' });
    };
    try {
      const hidden = { pid: 2 ** 30, processStart: '1' };
      lockedBy(hidden, { beatAgo: 100 });
      assert.throws(() => acquireRunLock(folder()), RunLockedError);
      lockedBy(hidden, { beatAgo: 130 });
      acquireRunLock(folder()).release();
    } finally {
      process.kill = kill;
    }
  });

  it('of a process on another machine is taken over once it has not beaten for two minutes', () => {
    const { id } = lockedBy(elsewhere, { beatAgo: 100 });
    assert.throws(() => acquireRunLock(folder()), /on far since/);
    assert.equal(runLockHolder(folder())?.id, id);
    lockedBy(elsewhere, { beatAgo: 130 });
    assert.equal(runLockHolder(folder()), undefined);
    acquireRunLock(folder()).release();
  });

  it('looks at the clock of the folder alone', () => {
    lockedBy(elsewhere, { beatAgo: 100 });
    const { now } = Date;
    Date.now = () => now() + 1e9;
    try {
      assert.throws(() => acquireRunLock(folder()), RunLockedError);
    } finally {
      Date.now = now;
    }
  });

  it('passes from one dead holder to the next', () => {
    const first = lockedBy(deadProcess);
    const second = { ...first, id: randomUUID() };
    writeFileSync(join(place(), `${first.id}.json`), JSON.stringify(second));
    assert.equal(runLockHolder(folder()), undefined);
    const lock = acquireRunLock(folder());
    assert.ok(existsSync(join(place(), `${second.id}.json`)));
    lock.release();
    assert.ok(!existsSync(place()));
  });

  it('tells a holder that was taken for dead that the run is not its own any more', () => {
    const lock = acquireRunLock(folder());
    const own = runLockHolder(folder())!;
    const taker = { ...own, ...elsewhere, id: randomUUID() };
    writeFileSync(join(place(), `${own.id}.json`), JSON.stringify(taker));
    writeFileSync(join(place(), `${taker.id}.beat`), '');
    assert.throws(() => lock.assertHeld(), /on far since/);
    lock.release();
    assert.equal(runLockHolder(folder())?.id, taker.id);
  });

  it('that is unreadable is named', () => {
    lockedBy({});
    writeFileSync(join(place(), 'none.json'), '{');
    assert.throws(() => acquireRunLock(folder()), /none\.json names no holder.*delete it/);
  });

  it('whose holders come after each other in a circle is named', () => {
    const first = lockedBy(deadProcess);
    writeFileSync(join(place(), `${first.id}.json`), JSON.stringify(first));
    assert.throws(() => acquireRunLock(folder()), new RegExp(`${first.id}\\.json names no holder`));
  });

  it('is refused where a link leads nowhere', () => {
    symlinkSync(join(folder(), 'nowhere'), join(folder(), 'run'));
    assert.throws(() => acquireRunLock(join(folder(), 'run')), /a link that leads nowhere, mend or remove/);
    mkdirSync(place());
    symlinkSync(join(folder(), 'nowhere'), join(place(), 'none.json'));
    assert.throws(() => acquireRunLock(folder()), /a link that leads nowhere/);
    assert.deepEqual(readdirSync(place()), ['none.json']);
  });

  it('beats while the main thread is busy', () => {
    const { release } = acquireRunLock(folder());
    const beat = join(place(), `${runLockHolder(folder())!.id}.beat`);
    const sleep = new Int32Array(new SharedArrayBuffer(4));
    for (let i = 0; i < 500 && readFileSync(beat, 'utf8') === ''; i++) Atomics.wait(sleep, 0, 0, 10);
    assert.equal(readFileSync(beat, 'utf8'), '.');
    release();
  });

  it('that a folder does not take is refused, naming the folder', () => {
    if (process.getuid?.() === 0) writeFileSync(place(), '');
    else chmodSync(folder(), 0o500);
    assert.throws(() => acquireRunLock(folder()), /Cannot (lock the run in|read the lock)/);
    chmodSync(folder(), 0o700);
  });

  describe('for which two processes race', () => {
    let racers: ChildProcess[];
    before(async () => {
      racers = [1, 2].map(() => fork(join(__dirname, 'lock-racer.ts'), { execArgv: ['-r', 'tsx/cjs'] }));
      await Promise.all(racers.map((racer) => once(racer, 'message')));
    });
    after(() => racers.map((racer) => racer.disconnect()));
    const race = <T>(message: object): Promise<T[]> => {
      const answers = racers.map(async (racer) => (await once(racer, 'message'))[0] as T);
      for (const racer of racers) racer.send(message);
      return Promise.all(answers);
    };

    it('goes to exactly one of them, also when its holder is dead', async () => {
      const take = Array.from({ length: 200 }, (_, i) => join(folder(), String(i)));
      const holder = lockedBy(deadProcess);
      for (const at of take.slice(0, 150)) {
        mkdirSync(join(at, 'run.lock'), { recursive: true });
        writeFileSync(join(at, 'run.lock', 'none.json'), JSON.stringify(holder));
      }
      const won = await race<string[]>({ take });
      assert.deepEqual(won.flat().sort(), take.sort());
      const counts = won.map(({ length }) => length);
      assert.ok(Math.min(...counts) > 0, `${counts}: they did not race`);
    });

    it('is never held by both, however often they take and release it', async () => {
      const turns = await race<number>({ share: folder(), turns: 200 });
      assert.deepEqual(turns, [200, 200]);
      assert.deepEqual(readdirSync(folder()), []);
    });
  });
});
