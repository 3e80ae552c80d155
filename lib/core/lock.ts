import { randomUUID } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fstatSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  readlinkSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { UserError } from './errors';
import { spaceRemedy, systemCode } from './files';
import { startBeating, stopBeating } from './heartbeat';
import { isAlive } from './process-alive';

/** Seconds without a sign of life after which a holder on another machine counts as dead. */
export const deadAfterSeconds = 120;

const holderSchema = z.strictObject({
  id: z.uuid(),
  host: z.string(),
  /** Where process numbers mean the same: a boot of a machine and, in it, a container. */
  processes: z.string(),
  pid: z.int().positive(),
  /** What tells the process from a later one with its number; null where the system does not say. */
  processStart: z.string().nullable(),
  since: z.iso.datetime(),
});

/** Whoever works on a run. */
export type LockHolder = z.infer<typeof holderSchema>;

/** A folder, such as a run's, that is ours until `release`. */
export interface RunLock {
  /**
   * To be called before anything is written: a process that slept for minutes may have been taken for dead.
   * @throws UserError if somebody else has taken the run since.
   */
  assertHeld(): void;
  release(): void;
}

/** Somebody else works on the run. */
export class RunLockedError extends UserError {
  override name = 'RunLockedError';
  /** @param what is locked, for example `The run in runs/x` */
  constructor(
    what: string,
    readonly holder: LockHolder,
  ) {
    const { pid, host, since } = holder;
    super(
      `${what} is at work in process ${pid} on ${host} since ${since}. Wait for it, or stop it first. If it died, its ` +
        `lock expires at once on the same machine, and after ${deadAfterSeconds} s on another.`,
    );
  }
}

/*
 * How it works. The folder's `run.lock` holds a chain of files: `none.json` names the first holder, and
 * `<id>.json` whoever came after the holder <id>. The last of the chain holds the run. Whoever finds it dead
 * creates the file after it, and since a file is created once, one taker wins; ids are used once, so a slow
 * taker that acts on what it read long ago creates a file that no chain leads to. Only creating a file has to be
 * atomic, which it is on shared folders too. A holder that leaves comes after itself first, so that nobody
 * else can while it takes the chain away.
 */

const lockName = 'run.lock';

/** Whether a file of a run's folder belongs to its lock. */
export function isRunLock(name: string): boolean {
  return name === lockName;
}

/**
 * Locks `folder`, which is created if it is missing, for this process. The lock of a holder that has died is taken
 * over.
 * @param what is locked, for messages.
 * @throws RunLockedError while somebody else, or this process, works on it.
 * @throws UserError if the folder cannot be written.
 */
export function acquireRunLock(folder: string, what = `The run in ${folder}`): RunLock {
  const place = join(folder, lockName);
  const isNew = !existsSync(folder);
  const self: LockHolder = { id: randomUUID(), ...thisProcess(), since: new Date().toISOString() };
  take(folder, self, what);
  startBeating(beatOf(place, self.id));
  return {
    assertHeld: () => {
      const last = chain(place).at(-1);
      if (last?.id === self.id) return;
      throw last
        ? new RunLockedError(what, last)
        : new UserError(`${what} is not ours any more: the lock in ${folder} was removed.`);
    },
    release: () => {
      stopBeating(beatOf(place, self.id));
      leave(place, self);
      if (isNew) removeIfEmpty(folder);
    },
  };
}

/** A try fails where somebody else was faster or is leaving, which does not go on and on. */
const maxTries = 1000;

function take(folder: string, self: LockHolder, what: string): void {
  const place = join(folder, lockName);
  for (let tries = 0; tries < maxTries; tries++) {
    const last = chain(place).at(-1);
    if (last?.id === self.id) return;
    if (last && holderIsAlive(place, last)) {
      rmSync(beatOf(place, self.id), { force: true });
      throw new RunLockedError(what, last);
    }
    tryWriting(folder, () => {
      mkdirSync(place, { recursive: true });
      writeFileSync(beatOf(place, self.id), '');
      createAfter(place, last?.id, self);
    });
  }
  rmSync(beatOf(place, self.id), { force: true });
  throw new UserError(
    `Cannot lock ${folder}: what is written there is not there afterwards. If it, or something in it, is a link that ` +
      'leads nowhere, mend or remove it, or choose another folder.',
  );
}

/** Who works on the run in `folder` now. */
export function runLockHolder(folder: string): LockHolder | undefined {
  const place = join(folder, lockName);
  const last = chain(place).at(-1);
  return last && holderIsAlive(place, last) ? last : undefined;
}

/** Whether a holder's process number means the same here: it can be sent a signal. */
export function isHere({ processes }: LockHolder): boolean {
  return processes === processSpace();
}

/** Everybody who held the lock, in order. @throws UserError for a file that does not belong to a lock. */
function chain(place: string): LockHolder[] {
  const holders = new Map<string, LockHolder>();
  for (let last = 'none'; ; ) {
    const file = join(place, `${last}.json`);
    const holder = readHolder(file);
    if (!holder) return [...holders.values()];
    if (holders.has(holder.id)) throw noHolder(file);
    holders.set(holder.id, holder);
    last = holder.id;
  }
}

function noHolder(file: string): UserError {
  return new UserError(`${file} names no holder of a lock. Where nobody works on this run, delete it.`);
}

function readHolder(file: string): LockHolder | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    throw new UserError(`Cannot read the lock ${file} (${message}).`);
  }
  try {
    return holderSchema.parse(JSON.parse(text));
  } catch {
    throw noHolder(file);
  }
}

/** Puts `self` after the holder `last`, unless somebody was faster or the folder is being cleared away. */
function createAfter(place: string, last: string | undefined, self: LockHolder): void {
  const file = join(place, `${last ?? 'none'}.json`);
  const temporary = join(place, `${self.id}.new`);
  const text = JSON.stringify(self);
  try {
    writeFileSync(temporary, text);
    try {
      // As a link the file is there with all it says.
      linkSync(temporary, file);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw error;
      // Not every file system has links.
      writeFileSync(file, text, { flag: 'wx' });
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EEXIST' && code !== 'ENOENT') throw error;
  } finally {
    rmSync(temporary, { force: true });
  }
}

function leave(place: string, self: LockHolder): void {
  try {
    const end = appendSelf(place, self);
    const holders = chain(place);
    // Taken over while this process slept: the chain is another's.
    if (holders.at(-1)?.id !== end.id) return;
    rmSync(join(place, 'none.json'), { force: true });
    // From here on the chain is empty, and whoever comes next begins another.
    for (const { id } of holders) {
      for (const file of [join(place, `${id}.json`), beatOf(place, id)]) rmSync(file, { force: true });
    }
  } catch {
    // The next to come finds this process dead, or is at work already.
  }
  removeIfEmpty(place);
}

function appendSelf(place: string, self: LockHolder): LockHolder {
  const end = { ...self, id: randomUUID() };
  try {
    createAfter(place, self.id, end);
    return end;
  } catch {
    // A full disk must not keep the run locked as long as this process lives.
    return self;
  }
}

function removeIfEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // There is something in it.
  }
}

function tryWriting(folder: string, write: () => void): void {
  try {
    write();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    // Somebody was leaving, and took the folder of the lock along.
    if (code === 'ENOENT') return;
    const remedy = spaceRemedy(error) ?? "Change the folder's permissions";
    throw new UserError(
      `Cannot lock ${folder} (${systemCode(error) ?? message}). ${remedy}, or choose another folder.`,
    );
  }
}

function beatOf(place: string, id: string): string {
  return join(place, `${id}.beat`);
}

function holderIsAlive(place: string, holder: LockHolder): boolean {
  const { id, pid, processStart } = holder;
  if (isHere(holder)) {
    if (processStart !== null && !isHidden(pid)) return startOf(pid) === processStart;
    if (!isAlive(pid)) return false;
  }
  return secondsSinceBeat(place, id) < deadAfterSeconds;
}

/** Whether a process is running and does not show when it started: /proc can hide those of other users (hidepid). */
function isHidden(pid: number): boolean {
  return !existsSync(`/proc/${pid}/stat`) && isAlive(pid);
}

/** By the clock of whatever keeps the folder: those of two machines may differ, and can be set. */
function secondsSinceBeat(place: string, id: string): number {
  const probe = join(place, `${randomUUID()}.now`);
  try {
    writeFileSync(probe, '.');
    return (modified(probe) - modified(beatOf(place, id))) / 1000;
  } catch (error) {
    // Without a beat the holder is as good as gone; without a clock nobody can tell that it is.
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? Infinity : 0;
  } finally {
    try {
      rmSync(probe, { force: true });
    } catch {
      // A read-only folder has none.
    }
  }
}

/** Opened, because a shared folder may answer a question about a closed file from memory. */
function modified(file: string): number {
  const handle = openSync(file, 'r');
  try {
    return fstatSync(handle).mtimeMs;
  } finally {
    closeSync(handle);
  }
}

function thisProcess(): Pick<LockHolder, 'host' | 'processes' | 'pid' | 'processStart'> {
  const { pid } = process;
  return { host: hostname(), processes: processSpace(), pid, processStart: startOf(pid) };
}

function processSpace(): string {
  try {
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()} ${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return hostname();
  }
}

/** When a process started, on Linux in ticks since the boot; null for one that has ended, or another system. */
function startOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name before may hold spaces and brackets.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [state] = fields;
    return state === 'Z' || state === 'X' ? null : fields[19];
  } catch {
    return null;
  }
}
