import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UserError } from '../../lib/core/errors';
import { lambdaCurve, learningCurves } from '../../lib/figures';
import {
  chosenRecords,
  displayChartOrReason,
  displayChartsByDataset,
  displayMissing,
  displayPaperTable,
  type NotebookChoice,
  paperTableRecords,
} from '../../lib/notebook';
import { saveRecord } from '../../lib/results';
import { comparedConfig } from '../../lib/runs';
import { recordOf } from '../paper/paper-record';
import { printed } from './in-notebook';

describe("A notebook's tables and figures", () => {
  let choice: NotebookChoice;
  const quick = (method: string, seed: number) =>
    recordOf(comparedConfig({ preset: 'quick', dataset: 'patterns10', method, seed }), { linearTop1: 30.5 });

  beforeEach(() => {
    const records = mkdtempSync(join(tmpdir(), 'records-'));
    choice = { preset: 'quick', datasets: [], methods: ['msf', 'mnn'], seeds: [1340], records };
  });

  afterEach(() => rmSync(choice.records, { recursive: true, force: true }));

  it('show a table without any record, with the command that makes them', async () => {
    rmSync(choice.records, { recursive: true });
    assert.match(await printed(() => displayPaperTable('linear', choice)), /^MNN +not run$/m);
    const text = await printed(() => displayMissing('linear', choice));
    assert.match(text, /2 runs, 0 with a record, 2 to be made/);
    assert.match(text, /^npx mnn reproduce linear --preset quick --methods msf,mnn --seeds 1340$/m);
    assert.match(text, /--seeds 1340 --dry-run/);
    assert.doesNotMatch(text, /data fetch/);
  });

  it('show the records of the seeds, methods and preset that are chosen', async () => {
    for (const record of [quick('mnn', 1340), quick('mnn', 1339), quick('byol', 1340)])
      saveRecord(record, choice.records);
    assert.match(await printed(() => displayPaperTable('linear', choice)), /^MNN +30\.50 \(1\) ~$/m);
    assert.deepEqual(
      paperTableRecords('linear', choice).map(({ id }) => id),
      [quick('mnn', 1340).id],
    );
    assert.deepEqual(
      chosenRecords(choice).map(({ id }) => id),
      [quick('mnn', 1340).id],
    );
    assert.equal(chosenRecords({ ...choice, methods: [], seeds: [] }).length, 3);
    assert.equal(chosenRecords({ ...choice, preset: 'small' }).length, 0);
  });

  it('give no commands where nothing is missing', async () => {
    for (const method of ['msf', 'mnn']) saveRecord(quick(method, 1340), choice.records);
    const text = await printed(() => displayMissing('linear', choice));
    assert.match(text, /2 with a record, 0 to be made/);
    assert.doesNotMatch(text, /npx/);
  });

  it('say how to get the data of runs that are missing', async () => {
    const text = await printed(() => displayMissing('linear', { ...choice, preset: 'paper' }));
    assert.match(text, /^(npx mnn data fetch \S+\n)+npx mnn reproduce linear --preset paper /m);
    assert.match(text, /data fetch cifar10\n/);
  });

  it("take the paper's three seeds at every preset unless others are given", async () => {
    const command = async (preset: string) =>
      (await printed(() => displayMissing('linear', { ...choice, seeds: [], preset }))).split('\n').at(-1);
    for (const preset of ['quick', 'small'])
      assert.match((await command(preset))!, /--methods msf,mnn$/, preset);
  });

  it('have no records where there is no folder', () => {
    assert.deepEqual(chosenRecords({ ...choice, records: join(choice.records, 'none') }), []);
  });

  it('draw a chart for each dataset', async () => {
    const mnn = (dataset: string) => recordOf(comparedConfig({ preset: 'quick', method: 'mnn', dataset }));
    const datasets = ['patterns10', 'cifar10', 'patterns10'];
    const drawn: number[] = [];
    const text = await printed(() =>
      displayChartsByDataset(datasets.map(mnn), (records) => {
        drawn.push(records.length);
        return learningCurves(records);
      }),
    );
    assert.deepEqual(drawn, [2, 1]);
    assert.match(text, /curves on patterns10.*curves on CIFAR-10/s);
    assert.match(await printed(() => displayChartsByDataset([], learningCurves)), /^There are no records/);
  });

  it('say why a figure cannot be drawn, and do not hide what is wrong with it', async () => {
    assert.match(
      await printed(() => displayChartOrReason(() => lambdaCurve([]))),
      /^There are no records to draw/,
    );
    await assert.rejects(
      displayChartOrReason(() => {
        throw new TypeError('wrong');
      }),
      (error) => !(error instanceof UserError),
    );
  });
});
