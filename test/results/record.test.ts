import assert from 'node:assert/strict';
import { comparableRecord, readRecord, recordId } from '../../lib/results';
import { sampleConfig, sampleRecord } from './sample-record';

describe('run record', () => {
  it('accepts a complete record and gives it back unchanged', () => {
    const record = sampleRecord();
    assert.deepEqual(readRecord(structuredClone(record), 'a.json'), record);
  });

  it('names the file, the field and what is expected when a field is missing', () => {
    const { seed: _seed, ...config } = sampleConfig();
    assert.throws(() => readRecord({ ...sampleRecord(), config }, 'a.json'), {
      name: 'UserError',
      message: /^a\.json .*\n {2}config\.seed: .*expected number.*\n.*run the experiment again/,
    });
  });

  it('names the place in a list', () => {
    const record = sampleRecord();
    record.curves[2].knnTop1 = 101;
    assert.throws(() => readRecord(record, 'a.json'), /curves\[2\]\.knnTop1: .*<=100/);
  });

  for (const loss of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
    it(`refuses a loss of ${loss}`, () => {
      const record = sampleRecord();
      record.curves[0].loss = loss;
      assert.throws(() => readRecord(record, 'a.json'), /curves\[0\]\.loss/);
    });
  }

  it('refuses a field that it does not know', () => {
    assert.throws(() => readRecord({ ...sampleRecord(), accuracy: 99 }, 'a.json'), /accuracy/);
  });

  it('refuses an unknown version by name and says how to read it', () => {
    assert.throws(() => readRecord({ ...sampleRecord(), schemaVersion: 7 }, 'a.json'), {
      name: 'UserError',
      message: /a\.json: field schemaVersion is 7, .*up to 1\. Update the kit/,
    });
  });

  it('asks whether a file without a version is a record at all', () => {
    for (const value of [{}, [], null, 'text']) {
      assert.throws(() => readRecord(value, 'a.json'), /a\.json: field schemaVersion is missing, expected 1/);
    }
  });

  it('leaves machine, clock and speed out of what two runs are compared by', () => {
    const first = sampleRecord();
    const second = sampleRecord();
    second.provenance.startedAt = '2030-01-01T00:00:00.000Z';
    second.provenance.cpu.cores = 64;
    second.timing.epochSeconds[0] = 1;
    assert.deepEqual(comparableRecord(first), comparableRecord(second));
    second.curves[0].loss += 1e-12;
    assert.notDeepEqual(comparableRecord(first), comparableRecord(second));
  });
});

describe('record id', () => {
  it('says method, dataset, preset and seed', () => {
    assert.match(recordId(sampleConfig('moco-v2', 1340)), /^moco-v2-shapes10-quick-s1340-[0-9a-f]{8}$/);
  });

  it('does not depend on the order of the keys', () => {
    const config = sampleConfig();
    const turned = Object.fromEntries(Object.entries(config).reverse()) as typeof config;
    assert.equal(recordId(turned), recordId(config));
  });

  it('changes with any setting', () => {
    const config = sampleConfig();
    config.options.topK = 1;
    assert.notEqual(recordId(config), recordId(sampleConfig()));
  });
});
