import assert from 'node:assert/strict';
import { presetConfig } from '../../lib/presets/presets';
import { type RecordChoice, selectRecords } from '../../lib/results';
import { recordOf } from '../paper/paper-record';

describe('A choice of records', () => {
  const records = ['mnn', 'msf'].flatMap((method) =>
    [1339, 1340].map((seed) =>
      recordOf(presetConfig({ preset: 'quick', dataset: 'shapes10', method, seed })),
    ),
  );
  const names = (choice: RecordChoice) =>
    selectRecords(records, choice).map(({ config }) => `${config.method} ${config.seed}`);

  it('is all of them where nothing is chosen, also where a list is empty', () => {
    assert.equal(names({}).length, 4);
    assert.equal(names({ methods: [], seeds: [] }).length, 4);
  });

  it('is those that are right in everything, in their order', () => {
    assert.deepEqual(names({ methods: ['msf', 'mnn'], seeds: [1340] }), ['mnn 1340', 'msf 1340']);
    assert.deepEqual(names({ ids: [records[1].id], presets: ['quick'], datasets: ['shapes10'] }), [
      'mnn 1340',
    ]);
    assert.deepEqual(names({ presets: ['small'] }), []);
    assert.deepEqual(names({ datasets: ['cifar10'] }), []);
  });
});
