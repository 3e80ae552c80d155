import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { loadReadableRecords, loadRecord, loadRecords, saveRecord, validateRecords } from '../../lib/results';
import { sampleRecord } from './sample-record';

describe('record store', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'records-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('does not put a record in the place of one of other images, unless told to', () => {
    const record = sampleRecord();
    const path = saveRecord(record, folder);
    saveRecord(record, folder);
    const other = { ...record, dataset: { ...record.dataset, checksum: 'cd'.repeat(32), trainImages: 20 } };
    assert.throws(
      () => saveRecord(other, folder),
      /2000 training and 500 test images of checksum abababababab, not cdcdcdcdcdcd/,
    );
    assert.deepEqual(loadRecord(path), record);
    saveRecord(other, folder, { replace: true });
    assert.deepEqual(loadRecord(path), other);
  });

  it('saves a record under its id and reads the same back, numbers unrounded', () => {
    const record = sampleRecord('mnn', 71.23456789012);
    const path = saveRecord(record, folder);
    assert.equal(path, join(folder, `${record.id}.json`));
    assert.deepEqual(loadRecord(path), record);
  });

  it('does not write a record that it could not read', () => {
    const record = sampleRecord();
    record.metrics.loss = Number.NaN;
    assert.throws(() => saveRecord(record, folder), /metrics\.loss/);
    assert.deepEqual(readdirSync(folder), []);
  });

  it('loads the records of a folder in the order of their ids, and no other files', () => {
    for (const method of ['sce', 'byol', 'mnn']) saveRecord(sampleRecord(method), folder);
    writeFileSync(join(folder, 'README.md'), '');
    assert.deepEqual(
      loadRecords(folder).map((record) => record.config.method),
      ['byol', 'mnn', 'sce'],
    );
  });

  it('takes no hidden file for a record, such as a Mac leaves beside each', () => {
    const record = sampleRecord();
    const file = saveRecord(record, folder);
    writeFileSync(join(folder, `._${basename(file)}`), '\0\x05\x16\x07\0\x02\0\0Mac OS X        ');
    assert.deepEqual(loadRecords(folder), [record]);
    assert.deepEqual(validateRecords(folder), [{ file, problem: null }]);
  });

  it('counts a run once, and of its records the one with its name', () => {
    const [old, record] = [sampleRecord('mnn', 60), sampleRecord('mnn', 71)];
    const path = saveRecord(record, folder);
    const copy = path.replace('.json', ' (copy).json');
    writeFileSync(copy, JSON.stringify(old));
    writeFileSync(path.replace('.json', '-Copy1.json'), JSON.stringify(record));
    assert.deepEqual(loadRecords(folder), [record]);
    assert.match(
      validateRecords(folder)[0].problem ?? '',
      /\(copy\)\.json is a copy of mnn-.*json, and does not/,
    );
    rmSync(path);
    assert.throws(() => loadRecords(folder), {
      name: 'UserError',
      message: /\(copy\)\.json and .*-Copy1\.json are different records of one run/,
    });
    rmSync(copy);
    assert.deepEqual(loadRecords(folder), [record]);
  });

  it('says what to do when there is no such folder', () => {
    assert.throws(() => loadRecords(join(folder, 'none')), {
      name: 'UserError',
      message: /none\. Run an experiment/,
    });
  });

  it('names the file that is no JSON', () => {
    writeFileSync(join(folder, 'a.json'), '{"schemaVersion": 1');
    assert.throws(() => loadRecords(folder), { name: 'UserError', message: /a\.json/ });
  });

  it('reports on every file, so that one bad record does not hide another', () => {
    saveRecord(sampleRecord(), folder);
    writeFileSync(join(folder, 'a.json'), '{');
    writeFileSync(join(folder, 'b.json'), '{"schemaVersion": 2}');
    const problems = validateRecords(folder).map((report) => report.problem);
    assert.match(problems[0] ?? '', /Cannot read the record .*a\.json/);
    assert.match(problems[1] ?? '', /schemaVersion is 2/);
    assert.equal(problems[2], null);
  });

  it('gives the others if one cannot be read, and says which', () => {
    const record = sampleRecord();
    saveRecord(record, folder);
    writeFileSync(join(folder, 'a.json'), '{');
    const { records, problems } = loadReadableRecords(folder);
    assert.deepEqual(records, [record]);
    assert.match(problems.join('\n'), /^Cannot read the record .*a\.json: /);
  });

  it('notices a configuration that was changed by hand', () => {
    const path = saveRecord(sampleRecord(), folder);
    writeFileSync(path, readFileSync(path, 'utf8').replace('"epochs": 6', '"epochs": 200'));
    assert.match(validateRecords(folder)[0].problem ?? '', /edited by hand/);
  });

  it('notices a file with another name than its record', () => {
    renameSync(saveRecord(sampleRecord(), folder), join(folder, 'best.json'));
    assert.match(validateRecords(folder)[0].problem ?? '', /should be called mnn-.*\.json/);
  });
});
