import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Interrupted, UserError } from '../../lib/core/errors';
import { type EngineName, startEngine } from '../../lib/engine/engine';
import { comparableRecord, type RunRecord } from '../../lib/results';
import { runExperiment, runFolder } from '../../lib/runs';
import { readCheckpoint } from '../../lib/training';
import { temporaryFolder } from '../data/temporary-folder';
import { failure, tinyConfig, tinyDataset } from '../training/tiny-run';

const config = tinyConfig('simclr', { training: { epochs: 1 } });
const run = (
  runsFolder: string | null,
  signal?: AbortSignal,
  warn?: (message: string) => void,
): Promise<RunRecord> =>
  runExperiment(config, tinyDataset(), { runsFolder, recordsFolder: null, workers: 0, signal, warn });

describe('A run whose disk', () => {
  let isMounted = false;
  // Before the folder is removed.
  afterEach(() => isMounted && spawnSync('umount', [folder()]));
  const folder = temporaryFolder();
  const disk = (...options: string[]) => spawnSync('mount', [...options, folder()], { encoding: 'utf8' });
  beforeEach(async function () {
    const { status } = disk('-t', 'tmpfs', '-o', 'size=1m', 'none');
    isMounted = status === 0;
    if (!isMounted) {
      console.log('    skipped: only the superuser of Linux can mount a small disk');
      this.skip();
    }
    await startEngine({ engine: 'wasm' });
  });

  it('is full stops with its last checkpoint, and goes on once there is space', async () => {
    await failure(run(folder(), AbortSignal.abort()), Interrupted);
    const ballast = join(folder(), 'ballast');
    assert.throws(() => writeFileSync(ballast, Buffer.alloc(2 ** 21)), /ENOSPC/);
    // Enough for a lock, too little for a checkpoint.
    truncateSync(ballast, statSync(ballast).size - 2 ** 15);
    await failure(run(folder()), UserError, /Cannot write .*\(ENOSPC\)\. The disk is full: free some space/);
    const own = runFolder(config, folder());
    assert.deepEqual(readdirSync(own), ['checkpoint.safetensors']);
    assert.equal(readCheckpoint(join(own, 'checkpoint.safetensors')).progress.step, 1);
    truncateSync(ballast, 0);
    const record = await run(folder());
    assert.deepEqual(comparableRecord(record), comparableRecord(await run(null)));
  });

  it('is read-only does not begin', async () => {
    disk('-o', 'remount,ro');
    await failure(run(folder()), UserError, /Cannot write into .*Choose another folder/);
  });
});

describe('A run that goes on on another engine', () => {
  const folder = temporaryFolder();

  it('does so from the same numbers, and says that its bits will differ', async () => {
    await startEngine({ engine: 'wasm' });
    const whole = await run(join(folder(), 'whole'));
    const runs = join(folder(), 'runs');
    const warnings: string[] = [];
    const warn = (message: string) => warnings.push(message);
    await failure(run(runs, AbortSignal.abort()), Interrupted);
    await startEngine({ engine: 'cpu' });
    await failure(run(runs, AbortSignal.abort(), warn), Interrupted, /after step 2/);
    await startEngine({ engine: 'wasm' });
    const record = await run(runs, undefined, warn);
    assert.deepEqual(
      warnings.map((text) => /engine (\w+) and goes on on (\w+): its bits will differ/.exec(text)?.slice(1)),
      [
        ['wasm', 'cpu'],
        ['cpu', 'wasm'],
      ] satisfies [EngineName, EngineName][],
    );
    const [{ loss }, { loss: expected }] = [record.curves[0], whole.curves[0]];
    assert.ok(Math.abs(loss - expected) < 1e-4 * expected, `${loss} is not ${expected}`);
  });
});
