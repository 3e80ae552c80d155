import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import { Interrupted, UserError } from '../../lib/core/errors';
import type { Dataset } from '../../lib/data';
import { tf } from '../../lib/engine/tf';
import { extractFeatures } from '../../lib/evaluation';
import { comparedMethods, createLearner, drawMixture, viewsOf } from '../../lib/methods';
import {
  type Pretrained,
  type PretrainOptions,
  pretrain,
  readCheckpoint,
  Sgd,
  type StepEvent,
  stepDraws,
  trainStep,
} from '../../lib/training';
import { columnPlanes, noiseImages } from '../augment/images';
import { temporaryFolder } from '../data/temporary-folder';
import { describeEachEngine, valuesOf } from '../engines';
import { failure, tinyConfig, tinyDataset } from './tiny-run';

/** Everything that two runs with the same bits have in common. */
async function bits({ learner, progress }: Pretrained): Promise<object> {
  const { resumed: _resumed, startedAt: _startedAt, epochSeconds, seconds: _seconds, ...rest } = progress;
  return {
    values: await valuesOf([...learner.parameters(), ...learner.state()]),
    pointers: Object.values(learner.counters()).map(({ pointer }) => pointer),
    progress: { ...rest, epochs: epochSeconds.length },
  };
}

describeEachEngine(
  'Pretraining',
  () => {
    const folder = temporaryFolder();
    const checkpoint = () => join(folder(), 'checkpoint.safetensors');
    const dataset = tinyDataset();
    /** Stands for an evaluation: a number that depends on every weight. */
    const evaluate: NonNullable<PretrainOptions['evaluate']> = async ({ backbone }) => {
      const features = await extractFeatures(backbone, dataset.test, dataset.normalization);
      return (await tf.mean(features).data())[0];
    };
    const run = (options: PretrainOptions = {}, config = tinyConfig()) =>
      pretrain(config, dataset, { workers: 0, evaluate, ...options });

    /** Runs until a step is done, and stops there with a checkpoint. */
    const runUntil = async (step: number, config = tinyConfig()) => {
      const stop = new AbortController();
      const onStep = (event: StepEvent) => event.step === step && stop.abort();
      const work = run({ folder: folder(), signal: stop.signal, onStep }, config);
      await failure(work, Interrupted, new RegExp(`stopped after step ${step}\\.`));
      assert.equal(readCheckpoint(checkpoint()).progress.step, step);
    };

    const unbroken = new Map<string, object>();
    const unbrokenBits = async (method = 'mnn') => {
      const known = unbroken.get(method) ?? (await bits(await run({}, tinyConfig(method))));
      unbroken.set(method, known);
      return known;
    };

    it('gives the same bits twice, and others with another seed', async () => {
      assert.deepEqual(await bits(await run()), await unbrokenBits());
      assert.notDeepEqual(await bits(await run({}, { ...tinyConfig(), seed: 2 })), await unbrokenBits());
    });

    it('gives the same bits with any number of workers', async () => {
      assert.deepEqual(await bits(await run({ workers: 2 })), await unbrokenBits());
    });

    const places: [method: string, when: string, step: number][] = [
      ['mnn', 'after its first step', 1],
      ['mnn', 'at an epoch end', 3],
      ...comparedMethods.map((method): [string, string, number] => [method, 'in mid-epoch', 5]),
    ];
    for (const [method, when, step] of places) {
      it(`of ${method} stopped ${when} and resumed ends with the bits of an unbroken run`, async () => {
        const config = tinyConfig(method);
        await runUntil(step, config);
        const resumed = await run({ folder: folder() }, config);
        assert.deepEqual(await bits(resumed), await unbrokenBits(method));
        assert.equal(resumed.progress.resumed, 1);
      });
    }

    it('stopped again and again ends with the bits of an unbroken run, and is then not run again', async () => {
      for (const step of [2, 3, 4]) await runUntil(step);
      const resumed = await run({ folder: folder() });
      assert.deepEqual(await bits(resumed), await unbrokenBits());
      assert.equal(resumed.progress.resumed, 3);
      const again = await run({ folder: folder(), onStep: () => assert.fail('a step was taken') });
      assert.deepEqual(await bits(again), await unbrokenBits());
    });

    it('sees images without labels too; from a file, stopped and resumed, with the same bits', async () => {
      const noise = noiseImages(10, 16);
      const file = join(folder(), 'images.bin');
      writeFileSync(file, columnPlanes(noise));
      const withNoise = (unlabeled: Dataset['unlabeled'], options: PretrainOptions = {}) =>
        pretrain(tinyConfig(), { ...dataset, unlabeled }, { workers: 0, ...options });
      const unbroken = await withNoise(noise);
      assert.equal(unbroken.progress.step, 8, 'twice 40 images in batches of 10');

      const stored = { count: 10, size: 16, file };
      const stop = new AbortController();
      const onStep = ({ step }: StepEvent) => step === 3 && stop.abort();
      await failure(withNoise(stored, { folder: folder(), signal: stop.signal, onStep }), Interrupted);
      const resumed = await withNoise(stored, { folder: folder(), workers: 1 });
      assert.deepEqual(await bits(resumed), await bits(unbroken));
    });

    it('asked to stop after its last step is over all the same', async () => {
      const stop = new AbortController();
      const onStep = ({ step, steps }: StepEvent) => step === steps && stop.abort();
      assert.deepEqual(await bits(await run({ signal: stop.signal, onStep })), await unbrokenBits());
    });

    it('answers a timer between its steps, as it would a signal', async () => {
      const stop = new AbortController();
      setImmediate(() => stop.abort());
      await failure(run({ signal: stop.signal }), Interrupted, /stopped after step 1\.$/);
    });

    it('tells of every step and epoch; the learning rate warms up from 0 and falls', async () => {
      const steps: StepEvent[] = [];
      const epochs: object[] = [];
      const { progress } = await run({
        onStep: (event) => steps.push(event),
        onEpoch: (event) => epochs.push(event),
      });
      assert.deepEqual(
        steps.map(({ step, epoch, steps, epochs }) => [step, steps, epoch, epochs]),
        [1, 1, 1, 2, 2, 2].map((epoch, i) => [i + 1, 6, epoch, 2]),
      );
      assert.deepEqual(epochs, progress.curves);
      const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
      for (const [i, point] of progress.curves.entries()) {
        const own = steps.slice(3 * i, 3 * i + 3);
        assert.ok(Math.abs(point.loss - mean(own.map(({ loss }) => loss))) < 1e-9);
        assert.ok(Math.abs(point.purity! - mean(own.map(({ purity }) => purity!))) < 1e-9);
        assert.deepEqual([point.epoch, point.step, point.lr], [i + 1, 3 * i + 3, own[2].lr]);
      }
      const rates = steps.map(({ lr }) => lr);
      const top = (0.06 * 10) / 256;
      assert.deepEqual(rates.slice(0, 4), [0, top / 2, top, top]);
      assert.ok(rates[3] > rates[4] && rates[4] > rates[5] && rates[5] > 0);
    });

    it('evaluates every knnEvery epochs, and after the last', async () => {
      const override = { training: { epochs: 3, batchSize: 30 }, evaluation: { knnEvery: 2 } };
      const config = { ...tinyConfig('mnn', override), options: { memoryBank: 30, topK: 2 } };
      const { progress } = await run({}, config);
      assert.deepEqual(
        progress.curves.map(({ knnTop1 }) => knnTop1 !== null),
        [false, true, true],
      );
    });

    it('whose loss is no number any more stops, names the step and keeps a good checkpoint', async () => {
      const config = tinyConfig('mnn', { training: { baseLr: 1e30 } });
      const work = () => run({ folder: folder() }, config);
      const early = await failure(
        work(),
        UserError,
        /loss became \S+ in step 3: training stopped/,
        /smaller --lr/,
      );
      assert.doesNotMatch(early.message, /checkpoint/);
      assert.ok(!existsSync(checkpoint()));

      await runUntil(1, config);
      await failure(work(), UserError, /in step 3/, /last good checkpoint is kept in/);
      const { progress, tensors } = readCheckpoint(checkpoint());
      assert.equal(progress.step, 1);
      for (const [name, { values }] of tensors) assert.ok(values.every(Number.isFinite), name);
    });

    it('killed before it had kept its best checkpoint, keeps it when it goes on', async () => {
      await runUntil(3);
      const best = join(folder(), 'checkpoint.best.safetensors');
      rmSync(best);
      writeFileSync(`${checkpoint()}.1234.tmp`, 'half a checkpoint');
      await failure(run({ folder: folder(), signal: AbortSignal.abort() }), Interrupted);
      assert.equal(readCheckpoint(best).progress.step, 3);
      assert.ok(!existsSync(`${checkpoint()}.1234.tmp`));
    });

    it('killed before its best checkpoint took the place of another, puts it there when it goes on', async () => {
      let accuracy = 0;
      await run({ folder: folder(), evaluate: async () => ++accuracy });
      const [previous, best] = ['previous', 'best'].map((name) =>
        join(folder(), `checkpoint.${name}.safetensors`),
      );
      renameSync(checkpoint(), `${checkpoint()}.new`);
      copyFileSync(previous, checkpoint());
      // It is the new one under a second name.
      rmSync(best);
      copyFileSync(previous, best);
      assert.equal(readCheckpoint(best).progress.step, 3);
      await run({ folder: folder() });
      for (const file of [best, checkpoint()]) assert.equal(readCheckpoint(file).progress.step, 6);
      assert.ok(!existsSync(`${checkpoint()}.new`));
    });

    for (const stopped of [1, 2]) {
      it(`stopped in the evaluation of epoch ${stopped} of 2 loses the evaluation, not the training`, async () => {
        let left = stopped;
        const stopping: typeof evaluate = async (learner) => {
          if (--left === 0) throw new Interrupted('enough');
          return evaluate(learner);
        };
        await failure(run({ folder: folder(), evaluate: stopping }), Interrupted, /enough/);
        const { step, curves } = readCheckpoint(checkpoint()).progress;
        assert.deepEqual([step, curves.length, curves.at(-1)?.knnTop1], [3 * stopped, stopped, null]);
        const epochs: number[] = [];
        const resumed = await run({ folder: folder(), onEpoch: ({ epoch }) => epochs.push(epoch) });
        assert.deepEqual(await bits(resumed), await unbrokenBits());
        assert.deepEqual(epochs, [1, 2].slice(stopped - 1));
      });
    }

    it('goes on from the checkpoint before, with a warning, where the newest is broken', async () => {
      await runUntil(4);
      writeFileSync(checkpoint(), 'broken');
      const warnings: string[] = [];
      const resumed = await run({ folder: folder(), warn: (text) => warnings.push(text) });
      assert.match(warnings.join(), /no whole safetensors file.*before it is taken/s);
      assert.deepEqual(await bits(resumed), await unbrokenBits());
    });

    it('does not go on from the checkpoint of other settings or other images', async () => {
      await runUntil(1);
      const options = { folder: folder() };
      const other = tinyConfig('mnn', { training: { baseLr: 0.5 } });
      await failure(run(options, other), UserError, /training\.baseLr \(0\.06 there, 0\.5 here\)/);
      const darker = { ...dataset, checksum: 'cd'.repeat(32) };
      await failure(pretrain(tinyConfig(), darker, options), UserError, /images of the dataset/);
    });

    it('wants a whole batch of images', async () => {
      const config = tinyConfig('mnn', { training: { batchSize: 40 } });
      await failure(run({}, config), UserError, /30 training images do not fill one batch of 40/);
    });

    it('of the untrained network takes no steps', async () => {
      const { progress } = await run({}, tinyConfig('untrained'));
      assert.deepEqual([progress.step, progress.curves], [0, []]);
    });
  },
  { training: true },
);

describeEachEngine(
  'A training step',
  (engine) => {
    const batch = ({ views = 2, images = 10, size = 16 } = {}) => ({
      views: Array.from({ length: views }, (_, i) => {
        return tf.randomUniform([images, size, size, 3], -1, 1, 'float32', i + 1) as Tensor4D;
      }),
      labels: tf.range(0, images, 1, 'int32') as Tensor1D,
    });
    const start = (config = tinyConfig()) => {
      const learner = createLearner(config);
      return { learner, optimizer: new Sgd(learner.parameters(), { momentum: 0.9, weightDecay: 5e-4 }) };
    };

    // What leaks leaks in the first few steps; native TensorFlow takes twice as long for each.
    const steps = Array.from({ length: engine === 'native' ? 15 : 50 }, (_, i) => i + 1);
    for (const method of comparedMethods) {
      it(`of ${method} leaves no tensors behind`, async () => {
        const config = tinyConfig(method);
        const { learner, optimizer } = start(config);
        const own = batch({ views: viewsOf(config).length, images: 4, size: 8 });
        await trainStep(learner, optimizer, own, stepDraws(1, 0), 0.01);
        const { numTensors, numBytes } = tf.memory();
        for (const step of steps) {
          await trainStep(learner, optimizer, own, stepDraws(1, step), 0.01);
          const after = tf.memory();
          const left = [after.numTensors, after.numBytes];
          assert.deepEqual(left, [numTensors, numBytes], `after step ${step}`);
        }
      });
    }

    it('of un-mix met mixup and cutmix there', () => {
      const cut = steps.map((step) => drawMixture(stepDraws(1, step), 16).box !== undefined);
      assert.deepEqual(new Set(cut), new Set([true, false]));
    });

    if (engine === 'wasm') {
      it('needs no more WebAssembly memory after 200 steps than after 20', () => {
        // In a process of its own: the memory never shrinks, and its size tells of all that ran there before.
        const command = ['-r', 'tsx/cjs', join(__dirname, 'wasm-memory.ts')];
        const [after20, after200] = JSON.parse(execFileSync(process.execPath, command, { encoding: 'utf8' }));
        assert.equal(after200, after20);
      });
    }

    it('makes the loss smaller', async () => {
      const { learner, optimizer } = start();
      const losses: number[] = [];
      for (let step = 0; step < 10; step++) {
        const { loss } = await trainStep(learner, optimizer, batch(), stepDraws(1, step), 0.05);
        losses.push(loss);
      }
      assert.ok(losses[9] < losses[0], losses.join(' '));
    });

    it('with a learning rate of 0 changes no parameter', async () => {
      const { learner, optimizer } = start();
      const values = () => valuesOf(learner.parameters());
      const before = await values();
      await trainStep(learner, optimizer, batch(), stepDraws(1, 0), 0);
      assert.deepEqual(await values(), before);
    });

    it('whose loss is no number changes no parameter', async () => {
      const { learner, optimizer } = start();
      const values = () => valuesOf(learner.parameters());
      const before = await values();
      const broken = { ...batch(), views: batch().views.map((view) => tf.mul(view, NaN) as Tensor4D) };
      const { loss } = await trainStep(learner, optimizer, broken, stepDraws(1, 0), 0.1);
      assert.ok(Number.isNaN(loss));
      assert.deepEqual(await values(), before);
    });

    it('draws its random numbers from its seed and number alone', () => {
      const numbers = (seed: number, step: number) => {
        const draws = stepDraws(seed, step);
        return [...draws.permutation(8), draws.uniform(), draws.uniform()];
      };
      assert.deepEqual(numbers(1, 5), numbers(1, 5));
      assert.notDeepEqual(numbers(1, 5), numbers(1, 6));
      assert.notDeepEqual(numbers(1, 5), numbers(2, 5));
      const { permutation } = stepDraws(1, 0);
      assert.notDeepEqual(permutation(8), permutation(8));
    });
  },
  { training: true },
);
