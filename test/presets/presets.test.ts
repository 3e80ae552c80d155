import assert from 'node:assert/strict';
import { parseRunConfig } from '../../lib/config/run-config';
import { UserError } from '../../lib/core/errors';
import { comparedMethods, createLearner, findMethod, registerMethod } from '../../lib/methods';
import type { ImageChoice } from '../../lib/presets/images';
import { type PresetOptions, paperSeeds, presetConfig, presetNames } from '../../lib/presets/presets';

function refuses(options: PresetOptions, ...patterns: RegExp[]): void {
  assert.throws(
    () => presetConfig(options),
    (error: Error) => {
      assert.ok(error instanceof UserError, error.stack);
      for (const pattern of patterns) assert.match(error.message, pattern);
      return true;
    },
  );
}

const quick = { preset: 'quick', method: 'mnn', dataset: 'patterns10' };

describe('Presets', () => {
  const small = { cropSize: 32, maxPool: false, teacherMomentum: 0.99, memoryBank: 4096 };
  const large = { cropSize: 64, maxPool: true, teacherMomentum: 0.996, memoryBank: 16384 };
  const datasets = { cifar10: small, cifar100: small, stl10: large, 'tiny-imagenet': large };
  for (const [dataset, { cropSize, maxPool, teacherMomentum, memoryBank }] of Object.entries(datasets)) {
    for (const method of ['mnn', 'msf']) {
      it(`paper: ${method} on ${dataset}`, () => {
        const components = method === 'mnn' ? ['mnn', 'norm3'] : ['equal', 'none'];
        const [weighting, mixing] = components;
        const shared = { views: 'strong/weak', teacherMomentum, memoryBank, topK: 5 };
        assert.deepEqual(presetConfig({ preset: 'paper', method, dataset }), {
          method,
          options: { ...shared, weighting, mixing, lambda: 'random' },
          dataset,
          images: {},
          preset: 'paper',
          seed: 1339,
          model: { width: 64, maxPool, bnSplits: 8, hidden: 2048, dim: 128 },
          training: {
            epochs: 200,
            batchSize: 256,
            baseLr: 0.06,
            warmupEpochs: 5,
            sgdMomentum: 0.9,
            weightDecay: 5e-4,
            cropSize,
          },
          evaluation: {
            knnK: 200,
            knnTemperature: 0.1,
            knnEvery: 1,
            linear: { epochs: 100, batchSize: 256, lr: 30, milestones: [60, 80] },
          },
        });
      });
    }
  }

  it("paper: the seeds are the authors' three", () => {
    assert.deepEqual([...paperSeeds], [1339, 1340, 1341]);
    assert.equal(presetConfig({ ...quick, seed: 0 }).seed, 0);
  });

  it('paper is refused for a dataset that the paper does not use', () => {
    refuses(
      { ...quick, preset: 'paper' },
      /paper does not use patterns10/,
      /cifar10, cifar100, stl10, tiny-imagenet/,
      /'small' or 'quick'/,
    );
  });

  for (const preset of ['quick', 'small']) {
    it(`${preset}: a valid configuration of every method, as large as the others`, () => {
      const methods = ['untrained', ...comparedMethods];
      const configs = methods.map((method) => presetConfig({ ...quick, preset, method }));
      for (const config of configs) {
        assert.deepEqual(parseRunConfig(config), config);
        const { dim, ...model } = configs[0].model;
        // SCE's embeddings are twice as long in the paper too.
        const own = { ...model, dim: config.method === 'sce' ? 2 * dim : dim };
        assert.deepEqual([config.model, config.images], [own, configs[0].images]);
      }
    });
  }

  it("leave the options of a method of one's own as they are", () => {
    const method = registerMethod({ ...findMethod('mnn'), name: 'own-teacher' });
    for (const preset of presetNames) {
      const { options } = presetConfig({
        preset,
        method,
        dataset: preset === 'paper' ? 'stl10' : 'patterns10',
      });
      assert.deepEqual([options.teacherMomentum, options.memoryBank], [0.99, 4096], preset);
    }
  });

  it('are smaller the quicker they are', () => {
    const [a, b, c] = presetNames.map((preset) => presetConfig({ ...quick, preset, dataset: 'cifar10' }));
    assert.ok(a.model.width < b.model.width && b.model.width < c.model.width);
    const seen = ({ images, training }: typeof a) => (images.train ?? 50_000) * training.epochs;
    assert.ok(seen(a) < seen(b) && seen(b) < seen(c));
  });

  it('leave the untrained network untrained', () => {
    const config = presetConfig({ ...quick, method: 'untrained' });
    assert.equal(config.training.epochs, 0);
    assert.deepEqual(config.options, {});
    const trained = { ...config, training: { ...config.training, epochs: 2 } };
    assert.throws(() => createLearner(trained), /'untrained' cannot train for 2 epochs: give --epochs 0/);
  });

  it('can be changed part by part, and change nothing else', () => {
    const config = presetConfig({
      ...quick,
      seed: 5,
      options: { topK: 1, lambda: 0.5 },
      override: {
        images: { train: 100 },
        model: { width: 4 },
        training: { epochs: 2 },
        evaluation: { knnK: 3, linear: { epochs: 0 } },
      },
    });
    const base = presetConfig(quick);
    assert.deepEqual(config, {
      ...base,
      seed: 5,
      options: { ...base.options, topK: 1, lambda: 0.5 },
      images: { ...base.images, train: 100 },
      model: { ...base.model, width: 4 },
      training: { ...base.training, epochs: 2 },
      evaluation: { ...base.evaluation, knnK: 3, linear: { ...base.evaluation.linear, epochs: 0 } },
    });
    assert.deepEqual(presetConfig(quick), base);
  });

  it('take a limit for every kind of images whose number is not given', () => {
    const images = (dataset: string, preset: string, choice: ImageChoice) =>
      presetConfig({ ...quick, dataset, preset, override: { images: choice } }).images;
    const { images: stl10 } = presetConfig({ ...quick, dataset: 'stl10', preset: 'small' });
    assert.deepEqual(stl10, { train: 1250, unlabeled: 3750, test: 1000 });
    assert.deepEqual(images('stl10', 'small', { limit: 2000 }), { ...stl10, unlabeled: 2000 });
    assert.deepEqual(images('stl10', 'paper', { limit: 9, test: 20 }), { train: 9, unlabeled: 9, test: 20 });
    assert.deepEqual(images('cifar10', 'paper', { limit: 9 }), { train: 9, test: 9 });
    assert.deepEqual(images('cifar10', 'small', { limit: 9, perClass: 30 }), { perClass: 30, test: 9 });
    assert.deepEqual(images('cifar10', 'paper', {}), {});
  });

  it('give a method at the quick scale what it needs to learn there, unless something else is asked for', () => {
    const unMix = { ...quick, method: 'un-mix' };
    assert.equal(presetConfig(quick).training.baseLr, 2);
    assert.equal(presetConfig(unMix).training.baseLr, 4);
    assert.equal(presetConfig({ ...unMix, override: { training: { baseLr: 3 } } }).training.baseLr, 3);
    assert.equal(presetConfig({ ...unMix, preset: 'small', dataset: 'cifar10' }).training.baseLr, 0.06);
    const ressl = { ...quick, method: 'ressl' };
    assert.equal(presetConfig(ressl).options.teacherTemperature, 0.005);
    assert.equal(
      presetConfig({ ...ressl, options: { teacherTemperature: 0.04 } }).options.teacherTemperature,
      0.04,
    );
  });

  it('refuse two numbers of training images, and unlabeled ones where there are none', () => {
    const both = { train: 100, perClass: 10 };
    refuses({ ...quick, override: { images: both } }, /give --train or --per-class/);
    refuses({ ...quick, override: { images: { unlabeled: 5 } } }, /patterns10 has no unlabeled images/);
  });

  it('refuse names that are not known, and say which are', () => {
    refuses(
      { ...quick, preset: 'quik' },
      /Unknown preset 'quik'\. Did you mean quick\?/,
      /quick, small, paper/,
    );
    refuses({ ...quick, method: 'mmn' }, /Unknown method 'mmn'\. Did you mean mnn/, /Known: .*msf/);
    refuses({ ...quick, options: { topk: 1 } }, /method 'mnn'/, /"topk"/, /Known options: .*topK/);
    refuses({ ...quick, method: 'simclr', options: { lambda: 1 } }, /method 'simclr'/, /"lambda"/);
    refuses({ ...quick, method: 'untrained', options: { topK: 1 } }, /"topK"/, /Known options: none/);
  });

  it('refuse values that are not possible', () => {
    refuses({ ...quick, options: { topK: 0 } }, /at topK/);
    refuses({ ...quick, options: { mixing: 'norm4' } }, /"norm1"/, /at mixing/);
    refuses({ ...quick, override: { training: { epochs: -1 } } }, /at training\.epochs/);
    refuses({ ...quick, override: { training: { batchSize: 33 } } }, /33 is not divisible by .*2/);
  });
});
