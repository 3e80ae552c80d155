import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../lib/core/paths';
import { comparableRecord, loadRecords, validateRecords } from '../../lib/results';

/** What starts the command line as a user does. */
export const command: readonly string[] = [process.execPath, join(packageRoot, 'cli', 'mnn.cjs')];

export function mnn(...args: string[]): { code: number | null; output: string } {
  const [program, ...first] = command;
  const { status, stdout, stderr } = spawnSync(program, [...first, ...args], { encoding: 'utf8' });
  return { code: status, output: stdout + stderr };
}

/** Like `mnn`, where it has to go well; returns what it says. */
export function mnnOk(...args: string[]): string {
  const { code, output } = mnn(...args);
  assert.equal(code, 0, output);
  return output;
}

/** Writes a plan of runs that take seconds, of two methods with so many seeds, into the folder; returns its file. */
export function tinyPlan(folder: string, seeds: number, epochs = 12): string {
  const file = join(folder, 'plan.json');
  const size = ['--train', '64', '--test', '20', '--batch-size', '16', '--width', '8', '--knn-k', '5'];
  const length = ['--epochs', String(epochs), '--linear-epochs', '2', '--set', 'memoryBank=32'];
  const numbers = Array.from({ length: seeds }, (_, i) => i + 1).join(',');
  const what = ['linear', '--preset', 'quick', '--methods', 'mnn,msf', '--seeds', numbers];
  const places = ['--runs', join(folder, 'runs'), '--records', join(folder, 'records'), '--out', file];
  mnnOk('plan', ...what, ...size, ...length, ...places, '--throughput', '100');
  return file;
}

/** Options of a sweep whose bits depend on nothing that executors do differently. */
export const alike: readonly string[] = ['--engine', 'wasm', '--threads', '1', '--workers', '0'];

/** All that a folder's records say of their runs; fails where one is not valid or a file is left beside them. */
export function recordsIn(folder: string): unknown[] {
  const records = join(folder, 'records');
  if (!existsSync(records)) return [];
  for (const { problem } of validateRecords(records)) assert.equal(problem, null);
  const all = loadRecords(records);
  assert.equal(readdirSync(records).length, all.length, 'nothing but records');
  return all.map(comparableRecord);
}
