import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseRunConfig } from '../../lib/config/run-config';
import { UserError } from '../../lib/core/errors';
import { comparedMethods } from '../../lib/methods';
import { presetConfig } from '../../lib/presets/presets';
import { recordId, saveRecord } from '../../lib/results';
import { missingRuns, quickComparison } from '../../lib/runs';
import { temporaryFolder } from '../data/temporary-folder';
import { sampleConfig, sampleRecord } from '../results/sample-record';

describe('The quick comparison', () => {
  it('is MNN, MSF and the untrained network on the built-in dataset, all else equal', () => {
    const configs = quickComparison({ seeds: [4] });
    const quick = presetConfig({ preset: 'quick', dataset: 'shapes10', method: 'mnn' });
    assert.deepEqual(
      configs.map(({ method, training }) => [method, training.epochs]),
      [
        ['mnn', quick.training.epochs],
        ['msf', quick.training.epochs],
        ['untrained', 0],
      ],
    );
    for (const config of configs) {
      assert.deepEqual(parseRunConfig(config), config);
      assert.deepEqual([config.dataset, config.preset, config.seed], ['shapes10', 'quick', 4]);
      assert.deepEqual(config.evaluation, configs[0].evaluation);
      assert.deepEqual(config.images, configs[0].images);
    }
  });

  it('takes settings for all three, and leaves the untrained network untrained', () => {
    const configs = quickComparison({
      seeds: [4],
      override: { model: { width: 4 }, training: { epochs: 2 } },
    });
    assert.deepEqual(
      configs.map(({ model, training }) => [model.width, training.epochs]),
      [
        [4, 2],
        [4, 2],
        [4, 0],
      ],
    );
  });

  it("takes the paper's three seeds unless others are given, each once and one after the other", () => {
    const seedsOf = (seeds?: number[]) =>
      quickComparison({ methods: ['mnn', 'msf'], seeds }).map(({ method, seed }) => `${method} ${seed}`);
    const three = ['mnn 1339', 'msf 1339', 'mnn 1340', 'msf 1340', 'mnn 1341', 'msf 1341'];
    assert.deepEqual(seedsOf(), three);
    assert.deepEqual(seedsOf([7, 7]), ['mnn 7', 'msf 7']);
  });

  it('takes other methods, and all of them', () => {
    const methodsOf = (methods: string[]) =>
      quickComparison({ seeds: [4], methods }).map(({ method }) => method);
    assert.deepEqual(methodsOf(['byol', 'mnn']), ['byol', 'mnn']);
    assert.deepEqual(methodsOf(['all']), [...comparedMethods, 'untrained']);
    assert.throws(() => methodsOf(['biol']), /Unknown method 'biol'. Did you mean byol/);
  });

  it('gives an option to the methods that have it', () => {
    const configs = quickComparison({
      methods: ['mnn', 'simclr', 'untrained'],
      seeds: [4],
      options: { topK: 3 },
    });
    assert.deepEqual(
      configs.map(({ options }) => options.topK),
      [3, undefined, undefined],
    );
    assert.throws(
      () => quickComparison({ options: { topk: 3 } }),
      /Unknown option 'topk'. Did you mean topK/,
    );
  });
});

describe('Missing runs', () => {
  const records = temporaryFolder();
  const configs = [sampleConfig('mnn'), sampleConfig('msf'), sampleConfig('untrained')];

  it('are all without records, also without their folder', () => {
    const none = { found: [], missing: configs };
    assert.deepEqual(missingRuns(configs, { records: records() }), none);
    assert.deepEqual(missingRuns(configs, { records: join(records(), 'none') }), none);
  });

  it('are those without a record', () => {
    const record = sampleRecord('msf');
    saveRecord(record, records());
    assert.deepEqual(missingRuns(configs, { records: records() }), {
      found: [record],
      missing: [configs[0], configs[2]],
    });
  });

  it('are all after a restart', () => {
    saveRecord(sampleRecord('msf'), records());
    assert.deepEqual(missingRuns(configs, { records: records(), restart: true }).missing, configs);
  });

  it('are those whose settings differ at all', () => {
    saveRecord(sampleRecord('mnn'), records());
    const other = { ...configs[0], training: { ...configs[0].training, baseLr: 0.07 } };
    assert.deepEqual(missingRuns([other], { records: records() }).missing, [other]);
  });

  it('cannot be told where a record is broken', () => {
    const file = join(records(), `${recordId(configs[0])}.json`);
    writeFileSync(file, '{"schemaVersion": 1');
    assert.throws(
      () => missingRuns(configs, { records: records() }),
      (error: Error) => error instanceof UserError && error.message.includes(file),
    );
  });
});
