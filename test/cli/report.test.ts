import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
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

  it('says which record is missing on it, and takes the place of no other page', () => {
    const records = join(folder(), 'records');
    saveRecord(sampleRecord(), records);
    writeFileSync(join(records, 'a.json'), '{');
    const { code, output } = report('--records', records, '--out', folder());
    assert.equal(code, 1);
    assert.match(
      output,
      /index\.html .*Left out, since they cannot be read:\nCannot read the record .*a\.json/s,
    );
    assert.match(
      mnn('results', 'list', '--records', records).output,
      /^method.*\n.*\nMNN .*Left out.*a\.json/s,
    );
    assert.equal(report('--records', records, '--out', folder()).code, 1, 'a report may be written again');
    const page = join(folder(), 'index.html');
    writeFileSync(page, '<title>My own page</title>');
    assert.match(
      report('--records', records, '--out', folder()).output,
      /index\.html is another page, not a report/,
    );
    assert.equal(readFileSync(page, 'utf8'), '<title>My own page</title>');
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
