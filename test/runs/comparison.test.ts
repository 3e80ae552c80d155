import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../lib/core/errors';
import { recordId, saveRecord } from '../../lib/results';
import { missingRuns } from '../../lib/runs';
import { temporaryFolder } from '../data/temporary-folder';
import { sampleConfig, sampleRecord } from '../results/sample-record';

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
