import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../lib/core/errors';
import { decodeSafetensors, encodeSafetensors } from '../../lib/core/safetensors';
import { tf } from '../../lib/engine/tf';
import type { NamedVariables } from '../../lib/models';
import { loadCheckpoint, readCheckpoint, saveCheckpoint } from '../../lib/training';
import {
  type CheckpointHeader,
  checkSameRun,
  keptNames,
  readCheckpointHeader,
  restoreVariables,
} from '../../lib/training/checkpoint';
import { temporaryFolder } from '../data/temporary-folder';
import { describeEachEngine } from '../engines';
import { failure, tinyConfig } from './tiny-run';

const header = (step: number): CheckpointHeader => ({
  config: tinyConfig(),
  datasetChecksum: 'ab'.repeat(32),
  engine: 'wasm',
  counters: { bank: 7 },
  progress: {
    step,
    lossSum: 1 / 3,
    puritySum: 0.1,
    epochSteps: 2,
    curves: [{ epoch: 1, step: 4, lr: 0.01, loss: 3.25, purity: null, knnTop1: 12.5 }],
    epochSeconds: [0.5],
    seconds: 0.25,
    resumed: 1,
    startedAt: '2026-01-01T00:00:00.000Z',
  },
});

const variables = (first = 0.1): NamedVariables =>
  new Map<string, ReturnType<typeof tf.variable>>([
    ['weight', tf.variable(tf.tensor2d([first, 2, -3, 1e-30], [2, 2]))],
    ['bank.labels', tf.variable(tf.tensor1d([-1, 5], 'int32'), false)],
  ]);

const noWarning = (message: string) => assert.fail(message);

describeEachEngine(
  'Checkpoints',
  () => {
    const folder = temporaryFolder();
    const newest = () => join(folder(), 'checkpoint.safetensors');
    const previous = () => join(folder(), 'checkpoint.previous.safetensors');
    const saveTwo = async () => {
      await saveCheckpoint(folder(), variables(), header(1));
      await saveCheckpoint(folder(), variables(), header(2));
    };

    it('give back tensors, settings, counters and progress', async () => {
      await saveCheckpoint(folder(), variables(), header(6));
      const { tensors, arriving: _arriving, ...rest } = loadCheckpoint(folder(), noWarning)!;
      assert.deepEqual(rest, header(6));
      const restored = variables(9);
      restoreVariables(restored, { tensors, ...rest });
      for (const [name, variable] of variables()) {
        assert.deepEqual(await restored.get(name)!.data(), await variable.data());
        assert.equal(restored.get(name)!.dtype, variable.dtype);
      }
    });

    it('are none in a folder without any, or without a folder', () => {
      assert.equal(loadCheckpoint(folder(), noWarning), undefined);
      assert.equal(loadCheckpoint(join(folder(), 'missing'), noWarning), undefined);
    });

    it('are kept together with the one before, and no other file', async () => {
      await saveTwo();
      await saveCheckpoint(folder(), variables(), header(3));
      assert.deepEqual(readdirSync(folder()).sort(), [
        'checkpoint.previous.safetensors',
        'checkpoint.safetensors',
      ]);
      assert.equal(readCheckpoint(newest()).progress.step, 3);
      assert.equal(readCheckpoint(previous()).progress.step, 2);
    });

    it('are kept as the best where no epoch before was as good, and every so many epochs', () => {
      const at = (accuracies: (number | null)[], epochSteps = 0) => ({
        ...header(1).progress,
        epochSteps,
        curves: accuracies.map((knnTop1, i) => ({ ...header(1).progress.curves[0], epoch: i + 1, knnTop1 })),
      });
      const [best, second] = ['checkpoint.best.safetensors', 'checkpoint.epoch-0002.safetensors'];
      assert.deepEqual(keptNames(at([])), []);
      assert.deepEqual(keptNames(at([10])), [best]);
      assert.deepEqual(keptNames(at([10, 11]), 2), [best, second]);
      assert.deepEqual(keptNames(at([11, 11]), 2), [second]);
      assert.deepEqual(keptNames(at([null, 3, null]), 2), []);
      assert.deepEqual(keptNames(at([10, 11], 1), 2), []);
    });

    it('kept under other names are whole, and stay when newer ones come', async () => {
      await saveCheckpoint(folder(), variables(), header(1), ['checkpoint.best.safetensors']);
      await saveTwo();
      assert.equal(readCheckpoint(join(folder(), 'checkpoint.best.safetensors')).progress.step, 1);
      await saveCheckpoint(folder(), variables(), header(4), ['checkpoint.best.safetensors']);
      assert.equal(readCheckpoint(join(folder(), 'checkpoint.best.safetensors')).progress.step, 4);
    });

    it('tell of their run without being read whole, and notice a missing end', async () => {
      await saveCheckpoint(folder(), variables(), header(6));
      assert.deepEqual(readCheckpointHeader(newest()), header(6));
      truncateSync(newest(), readFileSync(newest()).length - 1);
      assert.throws(
        () => readCheckpointHeader(newest()),
        /no whole safetensors file: it has \d+ bytes of \d+/,
      );
    });

    it('make the folder that they go to', async () => {
      const deep = join(folder(), 'a', 'b');
      await saveCheckpoint(deep, variables(), header(1));
      assert.equal(loadCheckpoint(deep, noWarning)!.progress.step, 1);
    });

    const damages: Record<string, (file: string) => void> = {
      truncated: (file) => truncateSync(file, readFileSync(file).length - 5),
      empty: (file) => truncateSync(file, 0),
      'with a value changed': (file) => {
        const bytes = readFileSync(file);
        bytes[bytes.length - 1] ^= 1;
        writeFileSync(file, bytes);
      },
      'with a setting changed': (file) => {
        const text = readFileSync(file, 'latin1');
        writeFileSync(file, text.replace('\\"step\\":2', '\\"step\\":3'), 'latin1');
      },
      'not a checkpoint': (file) => writeFileSync(file, Buffer.concat(encodeSafetensors(new Map(), {}))),
      'a folder': (file) => {
        renameSync(file, `${file}.aside`);
        mkdirSync(file);
      },
    };
    for (const [name, damage] of Object.entries(damages)) {
      it(`when the newest is ${name}, the one before is taken, with a warning`, async () => {
        await saveTwo();
        damage(newest());
        const warnings: string[] = [];
        assert.equal(loadCheckpoint(folder(), (message) => warnings.push(message))!.progress.step, 1);
        assert.equal(warnings.length, 1);
        assert.match(warnings[0], /checkpoint before it is taken: .*checkpoint\.previous\.safetensors/);
      });
    }

    it('when both are damaged, say what is wrong with each and how to go on', async () => {
      await saveTwo();
      truncateSync(newest(), 100);
      truncateSync(previous(), 3);
      assert.throws(
        () => loadCheckpoint(folder(), noWarning),
        (error: Error) => {
          assert.ok(error instanceof UserError);
          assert.ok(error.message.includes(`${newest()} is no whole safetensors file`), error.message);
          assert.ok(error.message.includes(`${previous()} is no whole safetensors file`), error.message);
          assert.match(error.message, /start over with --restart/);
          return true;
        },
      );
    });

    it('whose writer died between its last two steps are found', async () => {
      await saveTwo();
      renameSync(newest(), `${newest()}.new`);
      assert.equal(loadCheckpoint(folder(), noWarning)!.progress.step, 2);
      await saveCheckpoint(folder(), variables(), header(3));
      assert.equal(loadCheckpoint(folder(), noWarning)!.progress.step, 3);
      assert.equal(readCheckpoint(previous()).progress.step, 1);
    });

    it('of another version or with unknown fields are refused, naming the fields', async () => {
      await saveCheckpoint(folder(), variables(), { ...header(1), engine: 7, extra: 1 } as never);
      assert.throws(() => readCheckpoint(newest()), /is no checkpoint of a run:\n.*"extra".*at engine/s);
    });

    it('that cannot be written leave the last one as it was', async () => {
      await saveTwo();
      mkdirSync(`${newest()}.new`);
      await failure(saveCheckpoint(folder(), variables(), header(3)), UserError, /Cannot write .*checkpoint/);
      rmdirSync(`${newest()}.new`);
      assert.equal(loadCheckpoint(folder(), noWarning)!.progress.step, 2);
      assert.equal(readdirSync(folder()).length, 2);
    });

    it('are not written once a value is no finite number', async () => {
      await saveTwo();
      for (const value of [NaN, Infinity]) {
        const work = saveCheckpoint(folder(), variables(value), header(3));
        await failure(
          work,
          UserError,
          /After step 3, weight holds values that are no finite numbers/,
          /smaller --lr/,
        );
      }
      assert.equal(loadCheckpoint(folder(), noWarning)!.progress.step, 2);
      assert.ok(!existsSync(`${newest()}.new`));
    });

    it('are readable as plain safetensors', async () => {
      await saveCheckpoint(folder(), variables(), header(1));
      const { tensors } = decodeSafetensors(readFileSync(newest()), newest());
      assert.deepEqual(tensors.get('bank.labels'), {
        dtype: 'I32',
        shape: [2],
        values: Int32Array.of(-1, 5),
      });
    });

    describe('of another run', () => {
      const refuses = (change: object, checksum: string, ...patterns: RegExp[]) => {
        const checkpoint = { ...header(1), tensors: new Map() };
        assert.throws(
          () => checkSameRun(checkpoint, { ...tinyConfig(), ...change }, checksum),
          (error: Error) => {
            assert.ok(error instanceof UserError);
            for (const pattern of [/checkpoint is of another run/, /--restart/, ...patterns])
              assert.match(error.message, pattern);
            return true;
          },
        );
      };
      const own = header(1).datasetChecksum;

      it('are told by each setting that differs', () => {
        checkSameRun({ ...header(1), tensors: new Map() }, tinyConfig(), own);
        const { training, evaluation, options } = tinyConfig();
        refuses({ seed: 5 }, own, /differs in seed \(1339 there, 5 here\)\. /);
        refuses(
          { method: 'msf', training: { ...training, epochs: 9 } },
          own,
          /method \(mnn there, msf here\), training\.epochs \(2 there, 9 here\)/,
        );
        const linear = { ...evaluation.linear, milestones: [1, 2] };
        refuses(
          { evaluation: { ...evaluation, linear } },
          own,
          /evaluation\.linear\.milestones\.1 \(undefined there, 2/,
        );
        refuses({ options: { ...options, extra: 1 } }, own, /options\.extra/);
      });

      it('are told by the images', () => {
        refuses({}, 'cd'.repeat(32), /differs in the images of the dataset/);
      });
    });

    describe('of another network', () => {
      const checkpoint = { ...header(1), tensors: new Map() };
      it('are refused, naming the tensor', () => {
        assert.throws(
          () => restoreVariables(variables(), checkpoint),
          /weight \[2,2\] is missing there.*--restart/,
        );
        const flat = { dtype: 'F32' as const, shape: [4], values: new Float32Array(4) };
        const other = { ...checkpoint, tensors: new Map([['weight', flat]]) };
        assert.throws(() => restoreVariables(variables(), other), /weight \[2,2\] has the shape \[4\] there/);
      });
    });
  },
  { training: true },
);
