import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { saveRecord } from '../../lib/results';
import { temporaryFolder } from '../data/temporary-folder';
import { sampleRecord } from '../results/sample-record';
import { mnn } from './mnn';

const report = (...args: string[]) => mnn('report', ...args);

describe('mnn report', () => {
  const folder = temporaryFolder();

  it('writes the page of a folder of records, one file', () => {
    const records = join(folder(), 'records');
    const record = sampleRecord();
    saveRecord(record, records);
    const out = join(folder(), 'report');
    const { code, output } = report('--records', records, '--out', out);
    assert.equal(code, 0, output);
    assert.match(output, /report.index\.html \(\d\.\d MB\)/);
    assert.deepEqual(readdirSync(out), ['index.html']);
    assert.ok(readFileSync(join(out, 'index.html'), 'utf8').includes(`id="run-${record.id}"`));
  });

  it('names the presets for a wrong one, and the folder that is not there', () => {
    const preset = report('--preset', 'smal');
    assert.equal(preset.code, 1);
    assert.match(preset.output, /Unknown preset 'smal'. Did you mean small/);
    const records = report('--records', join(folder(), 'nowhere'));
    assert.equal(records.code, 1);
    assert.match(records.output, /There is no folder .*nowhere/);
  });
});
