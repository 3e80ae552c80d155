import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Interrupted, UserError } from '../../lib/core/errors';
import {
  comparableRecord,
  loadPartialRecord,
  loadPartialRecords,
  loadRecords,
  validatePartialRecords,
} from '../../lib/results';
import { type FirstEpochsOptions, runExperiment, runFirstEpochs, runFolder } from '../../lib/runs';
import { readCheckpoint } from '../../lib/training';
import { temporaryFolder } from '../data/temporary-folder';
import { describeEachEngine } from '../engines';
import { failure, tinyConfig, tinyDataset } from '../training/tiny-run';

describeEachEngine(
  'The first epochs of a run',
  () => {
    const folder = temporaryFolder();
    const dataset = tinyDataset();
    const config = tinyConfig('mnn', { training: { epochs: 4 } });
    const records = () => join(folder(), 'records');
    const places = () => ({ runsFolder: join(folder(), 'runs'), recordsFolder: records(), workers: 0 });
    const first = (untilEpoch: number, options: Partial<FirstEpochsOptions> = {}) =>
      runFirstEpochs(config, dataset, { ...places(), untilEpoch, ...options });
    let uninterrupted: ReturnType<typeof runExperiment> | undefined;
    const whole = () => {
      uninterrupted ??= runExperiment(config, dataset, { runsFolder: null, recordsFolder: null, workers: 0 });
      return uninterrupted;
    };
    const weights = () => {
      const { tensors } = readCheckpoint(
        join(runFolder(config, places().runsFolder), 'checkpoint.safetensors'),
      );
      return [...tensors].map(([name, { values }]) => [name, values]);
    };

    it('are the first of the whole run, bit for bit, and the run is resumed with its bits', async () => {
      const { curves } = await whole();
      assert.deepEqual((await first(1)).curves, curves.slice(0, 1));
      assert.deepEqual((await first(3)).curves, curves.slice(0, 3));
      const resumed = await runExperiment(config, dataset, places());
      assert.deepEqual(comparableRecord(resumed), comparableRecord(await whole()));
      assert.equal(resumed.provenance.resumed, 2);
    });

    it('are evaluated after the chosen epochs alone, which changes no weight', async () => {
      await first(3);
      const all = weights();
      const { curves } = await first(3, { restart: true, evaluateAt: [2] });
      assert.deepEqual(
        curves.map(({ knnTop1 }) => knnTop1 !== null),
        [false, true, false],
      );
      assert.deepEqual(weights(), all);
    });

    it('have a valid record of a kind of its own, which is no run record', async () => {
      const record = await first(2);
      const path = join(records(), 'partial', `${record.id}.json`);
      assert.deepEqual(loadPartialRecord(path), JSON.parse(JSON.stringify(record)));
      assert.deepEqual(validatePartialRecords(records()), [{ file: path, problem: null }]);
      assert.deepEqual(
        [record.kind, record.curves.length, record.config.training.epochs],
        ['partial-run', 2, 4],
      );
      assert.deepEqual(loadRecords(records()), []);
    });

    it('keep the record with more epochs', async () => {
      await first(2);
      const warnings: string[] = [];
      const { curves } = await first(1, { runsFolder: null, warn: (text) => warnings.push(text) });
      assert.equal(curves.length, 1);
      assert.equal(loadPartialRecords(records())[0].curves.length, 2);
      assert.match(warnings.join(), /has 2 epochs and is kept/);
    });

    it('say which epochs are past and cannot be evaluated any more', async () => {
      await first(2, { evaluateAt: [2] });
      const warnings: string[] = [];
      await first(3, { evaluateAt: [1, 3], warn: (text) => warnings.push(text) });
      assert.deepEqual(warnings, ['Not evaluated after epoch 1: the run was past it already.']);
    });

    it('of a run that is past them are all its epochs so far', async () => {
      await first(3);
      assert.equal((await first(2)).curves.length, 3);
    });

    it('evaluate the last epoch later, if that was interrupted', async () => {
      const stop = new AbortController();
      const onStep = ({ step }: { step: number }) => step === 6 && stop.abort();
      await failure(first(2, { signal: stop.signal, onStep }), Interrupted, /during its evaluation/);
      assert.deepEqual((await first(2)).curves, (await whole()).curves.slice(0, 2));
    });

    it('are refused before any training, if they are not among the first of the run', async () => {
      const onStep = () => assert.fail('a step was taken');
      await failure(first(4, { onStep }), UserError, /Epoch 4 .* of 4 epochs: give one from 1 to 3/);
      await failure(first(2, { onStep, evaluateAt: [1, 3] }), UserError, /Epoch 3 cannot be evaluated/);
      assert.ok(!existsSync(places().runsFolder));
    });

    it('are refused on other images than those of the record', async () => {
      await first(1);
      const other = { ...dataset, checksum: 'cd'.repeat(32) };
      const work = runFirstEpochs(config, other, { ...places(), runsFolder: null, untilEpoch: 1 });
      await failure(work, UserError, /other images, of checksum .*, not cdcdcdcdcdcd/);
    });
  },
  { training: true },
);
