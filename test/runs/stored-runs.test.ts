import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { Interrupted } from '../../lib/core/errors';
import { acquireRunLock } from '../../lib/core/lock';
import { formatTable } from '../../lib/core/table';
import { startEngine } from '../../lib/engine/engine';
import { recordId } from '../../lib/results';
import { findRun, listRuns, pruneRun, runExperiment, storedRunsTable } from '../../lib/runs';
import { temporaryFolder } from '../data/temporary-folder';
import { failure, tinyConfig, tinyDataset } from '../training/tiny-run';

describe('Stored runs', () => {
  const folder = temporaryFolder();
  const places = () => ({ runs: join(folder(), 'runs'), records: join(folder(), 'records') });
  const config = tinyConfig('simclr');
  const id = recordId(config);
  const own = () => join(places().runs, id);
  const run = (signal?: AbortSignal) =>
    runExperiment(config, tinyDataset(), {
      runsFolder: places().runs,
      recordsFolder: places().records,
      workers: 0,
      keepEvery: 1,
      signal,
    });
  before(() => startEngine({ engine: 'wasm' }));

  it('are none where there is no folder, or only empty ones', () => {
    assert.deepEqual(listRuns(places()), []);
    mkdirSync(own(), { recursive: true });
    assert.deepEqual(listRuns(places()), []);
    assert.throws(() => findRun(id, places()), /There are no runs in/);
  });

  it('are resumable until they have a record, running while locked, and then finished', async () => {
    await failure(run(AbortSignal.abort()), Interrupted, /after step 1/);
    const [stored, ...others] = listRuns(places());
    assert.deepEqual(others, []);
    assert.deepEqual([stored.id, stored.state, stored.header?.progress.step], [id, 'resumable', 1]);
    assert.match(
      formatTable(storedRunsTable([stored]), 'text'),
      /resumable +simclr +shapes10 +quick +1339 +0 +2/,
    );
    const { release } = acquireRunLock(own());
    const [running] = listRuns(places());
    assert.match(
      formatTable(storedRunsTable([running]), 'text'),
      new RegExp(`running \\(process ${process.pid} on`),
    );
    release();
    await run();
    assert.equal(findRun(id, places()).state, 'finished');
    assert.throws(() => findRun(`${id}0`, places()), /Unknown run .* Did you mean simclr/);
  });

  it('are not finished by the record of a run before, until they are over', async () => {
    await run();
    pruneRun(findRun(id, places()));
    assert.deepEqual(listRuns(places()), []);
    await failure(run(AbortSignal.abort()), Interrupted, /after step 1/);
    assert.equal(findRun(id, places()).state, 'resumable');
    await run();
    assert.equal(findRun(id, places()).state, 'finished');
  });

  it('that are damaged say so, and the one before counts where it is whole', async () => {
    await failure(run(AbortSignal.abort()), Interrupted);
    writeFileSync(join(own(), 'checkpoint.previous.safetensors'), 'broken');
    assert.equal(findRun(id, places()).state, 'resumable');
    truncateSync(join(own(), 'checkpoint.safetensors'), 5000);
    assert.equal(findRun(id, places()).state, 'damaged');
  });

  it('that cannot be looked at hide no others, and say why', async () => {
    await failure(run(AbortSignal.abort()), Interrupted);
    const locked = join(places().runs, 'locked');
    mkdirSync(join(locked, 'run.lock'), { recursive: true });
    writeFileSync(join(locked, 'run.lock', 'none.json'), '{}');
    assert.deepEqual(
      listRuns(places()).map((stored) => [stored.id, stored.state]),
      [
        ['locked', 'unreadable'],
        [id, 'resumable'],
      ],
    );
    assert.match(
      formatTable(storedRunsTable(listRuns(places())), 'text'),
      /\nlocked +unreadable.*none\.json names no holder of a lock/s,
    );
  });

  it('give back the space of their checkpoints, of all or of all but the newest', async () => {
    await run();
    assert.deepEqual(readdirSync(own()).sort(), [
      'checkpoint.best.safetensors',
      'checkpoint.epoch-0001.safetensors',
      'checkpoint.epoch-0002.safetensors',
      'checkpoint.previous.safetensors',
      'checkpoint.safetensors',
    ]);
    const { bytes } = findRun(id, places());
    const freed = pruneRun(findRun(id, places()), { keepLast: true });
    assert.deepEqual(readdirSync(own()), ['checkpoint.safetensors']);
    assert.ok(
      freed > 0.4 * bytes && freed < 0.6 * bytes,
      `${freed} of ${bytes}: files under two names count once`,
    );
    assert.equal(pruneRun(findRun(id, places())), bytes - freed);
    assert.ok(!existsSync(own()));
  });

  it('keep the newest checkpoint that is whole, and all where none is', async () => {
    await run();
    const [newest, previous] = ['checkpoint.safetensors', 'checkpoint.previous.safetensors'];
    const damage = (name: string) => {
      const bytes = readFileSync(join(own(), name));
      bytes[bytes.length - 1] ^= 1;
      rmSync(join(own(), name));
      writeFileSync(join(own(), name), bytes);
    };
    damage(newest);
    const stored = findRun(id, places());
    pruneRun(stored, { keepLast: true });
    assert.deepEqual(readdirSync(own()), [previous]);
    damage(previous);
    assert.throws(() => pruneRun(stored, { keepLast: true }), /No whole checkpoint is left/);
    assert.deepEqual(readdirSync(own()), [previous]);
  });

  it('are not pruned while a process is at work on them', async () => {
    await failure(run(AbortSignal.abort()), Interrupted);
    const stored = listRuns(places())[0];
    const { release } = acquireRunLock(own());
    assert.throws(() => pruneRun(stored), /at work in process/);
    release();
    assert.equal(listRuns(places())[0].bytes, stored.bytes);
  });
});
