import { existsSync, readdirSync, rmdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { UserError, unknownName } from '../core/errors';
import { asUserError } from '../core/files';
import { acquireRunLock, type LockHolder, runLockHolder } from '../core/lock';
import { runsFolder as defaultRunsFolder } from '../core/paths';
import type { Table } from '../core/table';
import { defaultRecordsFolder } from '../results';
import {
  type CheckpointHeader,
  checkpointFiles,
  newestCheckpoints,
  readCheckpoint,
  readCheckpointHeader,
} from '../training';

/**
 * `running`: a process is at work on it; `finished`: it has a record, and its checkpoint, where there is one, is of
 * its last epoch; `resumable`: it goes on from its checkpoint; `damaged`: it has checkpoints, and none can be read;
 * `unreadable`: the system does not let this user see what is in its folder, or its lock makes no sense.
 */
export type RunState = 'running' | 'finished' | 'resumable' | 'damaged' | 'unreadable';

/** A run as its folder tells of it. */
export interface StoredRun {
  id: string;
  folder: string;
  state: RunState;
  /** The newest checkpoint that can be read; undefined where there is none yet. */
  header?: CheckpointHeader;
  holder?: LockHolder;
  /** Of all its checkpoints; one under two names counts once. */
  bytes: number;
  /** When the newest checkpoint was written. */
  savedAt?: Date;
  /** What is the matter with one that is unreadable, as a sentence. */
  problem?: string;
}

/** Where runs and records are, as the command line names them. */
export interface RunPlaces {
  runs?: string;
  records?: string;
}

/** The runs of a folder, in the order of their ids. */
export function listRuns({
  runs = defaultRunsFolder,
  records = defaultRecordsFolder(),
}: RunPlaces = {}): StoredRun[] {
  if (!existsSync(runs)) return [];
  const entries = readdirSync(runs, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return entries
    .map(({ name }) => readableRun(name, runs, records))
    .filter((run) => run !== undefined)
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** @throws UserError that names the runs there are, for an id that none of them has. */
export function findRun(id: string, places: RunPlaces = {}): StoredRun {
  const all = listRuns(places);
  const run = all.find((candidate) => candidate.id === id);
  if (run) return run;
  if (all.length === 0) throw new UserError(`There are no runs in ${places.runs ?? defaultRunsFolder}.`);
  throw unknownName(
    'run',
    id,
    all.map((candidate) => candidate.id),
  );
}

/**
 * Removes the checkpoints of a finished run, or all but the newest whole one. Figures of its network need that one.
 * @returns the bytes that are free now.
 * @throws RunLockedError if a process is at work on it by now.
 * @throws UserError if the newest whole one is to be kept, and none is whole; nothing is removed then.
 */
export function pruneRun({ folder, bytes }: StoredRun, { keepLast = false } = {}): number {
  const lock = acquireRunLock(folder);
  try {
    const kept = keepLast ? newestWhole(folder) : undefined;
    for (const name of checkpointFiles(folder)) {
      const file = join(folder, name);
      if (file !== kept) rmSync(file, { force: true });
    }
  } finally {
    lock.release();
  }
  const left = sizeOf(folder).bytes;
  if (readdirSync(folder).length === 0) rmdirSync(folder);
  return bytes - left;
}

function newestWhole(folder: string): string {
  const whole = newestCheckpoints(folder).find((file) => {
    try {
      return readCheckpoint(file);
    } catch {
      return undefined;
    }
  });
  if (whole) return whole;
  throw new UserError(`No whole checkpoint is left in ${folder}: remove them all without --keep-last.`);
}

/** One run that cannot be looked at does not hide the others. */
function readableRun(id: string, runs: string, records: string): StoredRun | undefined {
  try {
    return storedRun(id, runs, records);
  } catch (error) {
    const { message: problem } = asUserError(error);
    return { id, folder: join(runs, id), state: 'unreadable', bytes: 0, problem };
  }
}

function storedRun(id: string, runs: string, records: string): StoredRun | undefined {
  const folder = join(runs, id);
  const holder = runLockHolder(folder);
  const { bytes, savedAt } = sizeOf(folder);
  if (!holder && bytes === 0) return undefined;
  const newest = newestCheckpoints(folder);
  const header = firstReadable(newest);
  // A record may be of a run before this one.
  const isOver = newest.length === 0 || (header !== undefined && isTrained(header));
  const done = isOver && existsSync(join(records, `${id}.json`)) ? 'finished' : undefined;
  const state = holder ? 'running' : (done ?? (header ? 'resumable' : 'damaged'));
  return { id, folder, state, header, holder, bytes, savedAt };
}

function isTrained({ config, progress }: CheckpointHeader): boolean {
  return progress.curves.length >= config.training.epochs;
}

function firstReadable(files: string[]): CheckpointHeader | undefined {
  for (const file of files) {
    try {
      return readCheckpointHeader(file);
    } catch {
      // The next may be whole; resuming says what is wrong with this one.
    }
  }
  return undefined;
}

function sizeOf(folder: string): { bytes: number; savedAt?: Date } {
  const sizes = new Map<bigint, number>();
  let savedAt: Date | undefined;
  for (const name of checkpointFiles(folder)) {
    const stats = statSync(join(folder, name), { bigint: true, throwIfNoEntry: false });
    if (!stats) continue;
    sizes.set(stats.ino, Number(stats.size));
    if (!savedAt || stats.mtime > savedAt) savedAt = stats.mtime;
  }
  return { bytes: [...sizes.values()].reduce((sum, size) => sum + size, 0), savedAt };
}

/** One row per stored run: what it is, how far it is, and what can be done with it. */
export function storedRunsTable(runs: readonly StoredRun[]): Table {
  return {
    columns: [
      { key: 'id', label: 'run', align: 'left' },
      { key: 'state', label: 'state', align: 'left' },
      { key: 'method', label: 'method', align: 'left' },
      { key: 'dataset', label: 'dataset', align: 'left' },
      { key: 'preset', label: 'preset', align: 'left' },
      { key: 'seed', label: 'seed', align: 'right' },
      { key: 'epoch', label: 'epoch', align: 'right' },
      { key: 'epochs', label: 'of', align: 'right' },
      { key: 'savedAt', label: 'last saved (UTC)', align: 'left' },
      { key: 'megabytes', label: 'MB', align: 'right', format: (value) => value.toFixed(1) },
    ],
    rows: runs.map(({ id, state, header, holder, savedAt, bytes }) => ({
      id,
      state: holder ? `running (process ${holder.pid} on ${holder.host})` : state,
      method: header?.config.method ?? null,
      dataset: header?.config.dataset ?? null,
      preset: header?.config.preset ?? null,
      seed: header?.config.seed ?? null,
      epoch: header?.progress.curves.length ?? null,
      epochs: header?.config.training.epochs ?? null,
      savedAt: savedAt?.toISOString().slice(0, 19).replace('T', ' ') ?? null,
      megabytes: bytes / 1e6,
    })),
    notes: [
      ...runs.flatMap(({ problem }) => problem ?? []),
      ...(runs.some(({ state }) => state === 'resumable')
        ? ['Go on with one: npx mnn runs resume <run>']
        : []),
    ],
  };
}
