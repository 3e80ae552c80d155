import assert from 'node:assert/strict';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Interrupted, UserError } from '../../lib/core/errors';
import { acquireRunLock, RunLockedError } from '../../lib/core/lock';
import type { Dataset } from '../../lib/data';
import { tf } from '../../lib/engine';

import { accuracyOf } from '../../lib/evaluation';

import {
  comparableRecord,
  loadRecord,
  loadRecords,
  readRecord,
  recordId,
  saveRecord,
  unpackPredictions,
} from '../../lib/results';
import { type ExperimentOptions, runExperiment, runFolder } from '../../lib/runs';
import { temporaryFolder } from '../data/temporary-folder';
import { describeEachEngine } from '../engines';
import { sampleRecord } from '../results/sample-record';
import { failure, tinyConfig, tinyDataset } from '../training/tiny-run';

describeEachEngine(
  'An experiment',
  (engine) => {
    const folder = temporaryFolder();
    const dataset = tinyDataset();
    const unpack = (packed: string) => unpackPredictions(packed, 20, 10);
    const run = (options: ExperimentOptions = {}, config = tinyConfig()) =>
      runExperiment(config, dataset, {
        runsFolder: join(folder(), 'runs'),
        recordsFolder: join(folder(), 'records'),
        workers: 0,
        ...options,
      });

    it('writes a valid record of what was run, on what, and how it went', async () => {
      const config = tinyConfig();
      const record = await run();
      const file = join(folder(), 'records', `${recordId(config)}.json`);
      assert.deepEqual(readRecord(JSON.parse(JSON.stringify(record)), 'record'), record);
      assert.deepEqual(loadRecord(file), record);
      assert.deepEqual(record.config, config);
      assert.deepEqual(record.dataset, {
        name: 'shapes10',
        checksum: dataset.checksum,
        trainImages: 30,
        testImages: 20,
        classes: 10,
      });
      const { curves, linearCurve, metrics, provenance, timing } = record;
      assert.deepEqual(
        curves.map(({ epoch, step }) => [epoch, step]),
        [
          [1, 3],
          [2, 6],
        ],
      );
      assert.equal(linearCurve.length, 2);
      assert.equal(metrics.knnTop1, curves[1].knnTop1);
      assert.equal(metrics.knnBestTop1, Math.max(...curves.map(({ knnTop1 }) => knnTop1!)));
      assert.equal(metrics.linearTop1, Math.max(...linearCurve.map(({ top1 }) => top1)));
      assert.equal(metrics.linearTop5, Math.max(...linearCurve.map(({ top5 }) => top5)));
      assert.equal(metrics.linearLastTop1, linearCurve[1].top1);
      assert.deepEqual([metrics.loss, metrics.purity], [curves[1].loss, curves[1].purity]);
      assert.equal(metrics.knnK, 5);
      for (const [part, top1] of [
        ['knn', metrics.knnTop1],
        ['linear', metrics.linearTop1],
      ] as const) {
        const { labels, [part]: predicted } = record.predictions!;
        assert.equal(accuracyOf(unpack(predicted!), unpack(labels)), top1, part);
      }
      assert.equal(provenance.engine.name, engine);
      assert.equal(provenance.resumed, 0);
      assert.equal(timing.epochSeconds.length, 2);
    });

    it('says in its record of what the images were drawn, and how many had no label', async () => {
      const drawnFrom = { seed: 7, trainImages: 100, testImages: 50, checksum: 'ab'.repeat(32) };
      const part = { ...dataset, unlabeled: dataset.test, drawnFrom };
      const record = await runExperiment(tinyConfig('untrained'), part, {
        runsFolder: null,
        recordsFolder: null,
      });
      assert.deepEqual(readRecord(record, 'record').dataset, {
        name: 'shapes10',
        checksum: dataset.checksum,
        trainImages: 50,
        testImages: 20,
        unlabeledImages: 20,
        classes: 10,
        drawnFrom,
      });
    });

    describe('on images of your own', () => {
      const none = { runsFolder: null, recordsFolder: null, workers: 0 };
      const labeled = (label: (i: number) => number, classes: string[]): Dataset => {
        const relabel = (split: Dataset['train']) => ({
          ...split,
          labels: split.labels.map((_, i) => label(i)),
        });
        return {
          ...dataset,
          name: 'own',
          classes,
          train: relabel(dataset.train),
          test: relabel(dataset.test),
        };
      };
      const warned = async (own: Dataset) => {
        const warnings: string[] = [];
        const record = await runExperiment({ ...tinyConfig(), dataset: own.name }, own, {
          ...none,
          warn: (text) => warnings.push(text),
        });
        return { record: readRecord(JSON.parse(JSON.stringify(record)), 'record'), warnings };
      };
      const unmeasured = {
        ...{
          knnTop1: null,
          knnBestTop1: null,
          knnK: null,
          purity: null,
          rawPixelKnnTop1: null,
          rawPixelLinearTop1: null,
        },
        ...{ linearTop1: null, linearTop5: null, linearLastTop1: null, linearLastTop5: null },
      };

      it('without labels trains, leaves out what needs them, and says so', async () => {
        const { record, warnings } = await warned(labeled(() => -1, []));
        const { loss, ...metrics } = record.metrics;
        assert.ok(Number.isFinite(loss));
        assert.deepEqual(metrics, unmeasured);
        assert.deepEqual([record.curves.length, record.curves[0].purity, record.linearCurve], [2, null, []]);
        assert.deepEqual(warnings, [
          'own is not evaluated, since its training images have no labels: the record of this run has no accuracies ' +
            'and no purity of neighbors.',
        ]);
      });

      it('of one class does the same', async () => {
        const { record, warnings } = await warned(labeled(() => 0, ['cells']));
        assert.deepEqual({ ...record.metrics, loss: 0 }, { ...unmeasured, loss: 0 });
        assert.match(warnings[0], /since all of its images are of one class: .* no purity/);
      });

      it('without test images keeps the purity of neighbors', async () => {
        const own = {
          ...dataset,
          test: { count: 0, size: 16, pixels: new Uint8Array(), labels: new Int32Array() },
        };
        const { record, warnings } = await warned(own);
        assert.equal(typeof record.metrics.purity, 'number');
        assert.deepEqual({ ...record.metrics, loss: 0, purity: null }, { ...unmeasured, loss: 0 });
        assert.match(warnings[0], /since it has no test images: the record of this run has no accuracies\.$/);
      });

      it('with labels counted from 1 is refused before any training', async () => {
        const onStep = () => assert.fail('a step was taken');
        const work = runExperiment(
          tinyConfig(),
          labeled((i) => 1 + (i % 2), ['a', 'b']),
          { ...none, onStep },
        );
        await failure(work, UserError, /own, split train: image 1 .* has label 2; expected 0 to 1/);
      });
    });

    it('with more neighbors to vote than images to vote is refused before any training', async () => {
      const config = tinyConfig('mnn', { evaluation: { knnK: 31 } });
      const onStep = () => assert.fail('a step was taken');
      const work = runExperiment(config, dataset, { runsFolder: null, recordsFolder: null, onStep });
      await failure(work, UserError, /k 31 is more than the 30 images/, /--knn-k/);
    });

    it('takes the record that another process has made in the meantime, where asked to', async () => {
      const { checksum } = dataset;
      const made = { ...sampleRecord(), config: tinyConfig(), id: recordId(tinyConfig()) };
      made.dataset = { ...made.dataset, checksum };
      saveRecord(made, join(folder(), 'records'));
      assert.deepEqual(await run({ unlessRecorded: true }), made);
    });

    it('that has a record of other images is refused before any training, and replaces it after a restart', async () => {
      const config = tinyConfig('untrained');
      const other = { ...sampleRecord(), config, id: recordId(config) };
      saveRecord(other, join(folder(), 'records'));
      const refused = [
        UserError,
        /on other images: 2000 training and 500 test/,
        /--records.*--restart/,
      ] as const;
      await failure(run({}, config), ...refused);
      await failure(run({ unlessRecorded: true }, config), ...refused);
      await run({ restart: true }, config);
      const [{ dataset: recorded }] = loadRecords(join(folder(), 'records'));
      assert.equal(recorded.checksum, dataset.checksum);
    });

    it('can be stopped while raw pixels are compared', async () => {
      const stopping = new AbortController();
      const onRawPixels = () => stopping.abort();
      const work = run({ onRawPixels, signal: stopping.signal }, tinyConfig('untrained'));
      await failure(work, Interrupted, /stopped during its evaluation/);
    });

    it('leaves nothing behind in memory', async () => {
      const { numTensors } = tf.memory();
      for (const method of ['mnn', 'untrained']) await run({ recordsFolder: null }, tinyConfig(method));
      assert.equal(tf.memory().numTensors, numTensors);
    });

    it('says that it is of reduced scale, and why', async () => {
      const onShapes = await run({ recordsFolder: null }, tinyConfig('untrained'));
      assert.equal(onShapes.scale, 'reduced');
      assert.deepEqual(onShapes.scaleReasons, ["dataset shapes10 is not one of the paper's"]);
      const named = { ...tinyConfig('untrained'), dataset: 'cifar10' };
      const { scale, scaleReasons } = await runExperiment(
        named,
        { ...dataset, name: 'cifar10' },
        { recordsFolder: null, runsFolder: null, workers: 0 },
      );
      assert.equal(scale, 'reduced');
      const unknown = 'images not compared with published checksums';
      for (const reason of [unknown, 'training images 30 instead of 50000', 'width 4 instead of 64'])
        assert.ok(scaleReasons.includes(reason), scaleReasons.join('; '));
    });

    it('of the untrained network has 0 epochs and every accuracy', async () => {
      const { curves, metrics, linearCurve } = await run({}, tinyConfig('untrained'));
      assert.deepEqual(curves, []);
      assert.equal(linearCurve.length, 2);
      assert.deepEqual([metrics.loss, metrics.purity], [null, null]);
      assert.equal(metrics.knnBestTop1, metrics.knnTop1);
      for (const name of ['knnTop1', 'linearTop1', 'rawPixelKnnTop1', 'rawPixelLinearTop1'] as const) {
        const accuracy = metrics[name];
        assert.ok(accuracy! >= 0 && accuracy! <= 100, `${name} ${accuracy}`);
      }
    });

    it('without a linear evaluation has no accuracy of one', async () => {
      const config = tinyConfig('untrained', { evaluation: { linear: { epochs: 0 } } });
      const { metrics, linearCurve } = await run({}, config);
      assert.deepEqual(linearCurve, []);
      assert.deepEqual([metrics.linearTop1, metrics.linearLastTop5], [null, null]);
    });

    it('stopped in training or in evaluation and resumed has the record of an unbroken one', async () => {
      const whole = await run({ runsFolder: null, recordsFolder: null });
      const stop = (at: 'onStep' | 'onLinearEpoch', time = 1) => {
        const controller = new AbortController();
        let left = time;
        const count = () => {
          left--;
          if (left === 0) controller.abort();
          assert.ok(left >= 0, `${at} was called after the stop`);
        };
        return { signal: controller.signal, [at]: count };
      };
      const { numTensors } = tf.memory();
      await failure(run(stop('onStep')), Interrupted, /stopped after step 1/, /without --restart/);
      assert.equal(tf.memory().numTensors, numTensors, 'stopped in training');
      const inNeighbors = run(stop('onStep', 5));
      await failure(inNeighbors, Interrupted, /stopped during its evaluation/, /without --restart/);
      assert.equal(tf.memory().numTensors, numTensors, 'stopped before the vote of the neighbors');
      await failure(
        run(stop('onLinearEpoch')),
        Interrupted,
        /stopped during its evaluation/,
        /without --restart/,
      );
      assert.equal(tf.memory().numTensors, numTensors, 'stopped in evaluation');
      assert.deepEqual(readdirSync(join(folder(), 'records')), []);
      const resumed = await run();
      assert.deepEqual(comparableRecord(resumed), comparableRecord(whole));
      assert.equal(resumed.provenance.resumed, 3);
      assert.equal(tf.memory().numTensors, numTensors, 'resumed and over');
    });

    it('restarted takes no checkpoint, and has no record until it is over', async () => {
      const { id } = await run();
      let steps = 0;
      const onStep = () => {
        steps++;
        assert.ok(!existsSync(join(folder(), 'records', `${id}.json`)), 'the old record is there');
      };
      const record = await run({ restart: true, onStep });
      assert.equal(steps, 6);
      assert.equal(record.provenance.resumed, 0);
    });

    it('is refused while another is at work on the same run, and leaves no lock behind', async () => {
      const { release } = acquireRunLock(runFolder(tinyConfig(), join(folder(), 'runs')));
      await failure(
        run({ onStep: () => assert.fail('a step was taken') }),
        RunLockedError,
        /at work in process/,
      );
      release();
      assert.deepEqual(readdirSync(join(folder(), 'runs')), []);
      await run({ restart: true });
      assert.deepEqual(readdirSync(runFolder(tinyConfig(), join(folder(), 'runs'))).sort(), [
        'checkpoint.best.safetensors',
        'checkpoint.previous.safetensors',
        'checkpoint.safetensors',
      ]);
    });

    it('keeps its checkpoints apart from those of other settings', async () => {
      const runs = join(folder(), 'runs');
      await run({}, tinyConfig('mnn', { training: { epochs: 1 } }));
      await run({}, tinyConfig('mnn', { training: { epochs: 1, baseLr: 0.01 } }));
      assert.equal(readdirSync(runs).length, 2);
      const own = runFolder(tinyConfig('mnn', { training: { epochs: 1 } }), runs);
      assert.ok(existsSync(join(own, 'checkpoint.safetensors')));
    });

    it('that could not write its checkpoints or its record does not even begin', async () => {
      const file = join(folder(), 'file');
      writeFileSync(file, '');
      const onStep = () => assert.fail('a step was taken');
      for (const option of ['runsFolder', 'recordsFolder']) {
        for (const place of [file, join(file, 'deeper')]) {
          const work = run({ onStep, [option]: place });
          await failure(work, UserError, /Cannot write into .*file/, /Choose another folder/);
        }
      }
    });
  },
  { training: true },
);
