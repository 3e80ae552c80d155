import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { UserError } from '../../lib/core/errors';
import { changedConfig, presetConfig, readConfig } from '../../lib/presets';
import { temporaryFolder } from '../data/temporary-folder';
import { sampleRecord } from '../results/sample-record';

describe('A configuration in a file', () => {
  const folder = temporaryFolder();
  const config = presetConfig({ preset: 'quick', method: 'msf', dataset: 'shapes10', seed: 7 });
  const read = (text: string, name = 'mine.yaml') => {
    writeFileSync(join(folder(), name), text);
    return readConfig(join(folder(), name));
  };
  const refuses = (text: string, ...patterns: RegExp[]) =>
    assert.throws(
      () => read(text),
      (error: Error) => {
        assert.ok(error instanceof UserError, error.stack);
        for (const pattern of [/mine\.yaml/, ...patterns]) assert.match(error.message, pattern);
        return true;
      },
    );

  it('is a whole one in JSON or YAML, or a record', () => {
    assert.deepEqual(read(JSON.stringify(config), 'mine.json'), config);
    assert.deepEqual(read(stringify(config)), config);
    const record = sampleRecord();
    assert.deepEqual(read(JSON.stringify(record), 'record.json'), record.config);
  });

  it('may name some settings, and the preset has the others', () => {
    const text =
      'method: msf\ndataset: shapes10\npreset: quick\ntraining: { epochs: 3 }\noptions: { topK: 2 }';
    const expected = presetConfig({
      ...{ preset: 'quick', method: 'msf', dataset: 'shapes10' },
      options: { topK: 2 },
      override: { training: { epochs: 3 } },
    });
    assert.deepEqual(read(text), expected);
  });

  it('is changed by what is given on top, setting by setting', () => {
    const changed = changedConfig(config, {
      seed: 8,
      options: { topK: 1 },
      override: { training: { epochs: 2 }, evaluation: { linear: { epochs: 0 } }, images: { perClass: 5 } },
    });
    assert.equal(changed.seed, 8);
    assert.deepEqual(changed.options, { ...config.options, topK: 1 });
    assert.deepEqual(changed.training, { ...config.training, epochs: 2 });
    assert.deepEqual(changed.evaluation.linear, { ...config.evaluation.linear, epochs: 0 });
    assert.equal(changed.images.perClass, 5);
    assert.deepEqual(changedConfig(config, {}), config);
  });

  it('takes the options of another method from its preset', () => {
    const { options } = presetConfig({ preset: 'quick', method: 'mnn', dataset: 'shapes10' });
    assert.deepEqual(changedConfig(config, { method: 'mnn' }).options, options);
  });

  it('is refused with its name, and what is wrong with it', () => {
    refuses('a: [', /is neither JSON nor YAML/);
    refuses('epochs: 3', /epochs/);
    refuses('training: { epochs: many }', /training\.epochs/);
    refuses('method: nobody', /nobody/);
    refuses('options: { topk: 3 }', /topk/);
    refuses(
      JSON.stringify({ ...sampleRecord(), config: { method: 'mnn' } }),
      /The run configuration is wrong/,
    );
    assert.throws(() => readConfig(join(folder(), 'none.yaml')), /Cannot read .*none\.yaml \(ENOENT\)/);
  });
});
