import assert from 'node:assert/strict';
import { Command } from 'commander';
import { addTableOptions, selectionOf } from '../../lib/cli/table-options';

describe('The options of a table', () => {
  const seedsOf = (text: string) =>
    addTableOptions(new Command().exitOverride().configureOutput({ writeErr: () => {} }))
      .parse(['--seeds', text], { from: 'user' })
      .opts().seeds;

  it('are lists with commas between', () => {
    assert.deepEqual(seedsOf('1339,1340'), [1339, 1340]);
    assert.deepEqual(selectionOf({ datasets: 'cifar10, stl10' }).datasets, ['cifar10', 'stl10']);
  });

  it('refuse an empty part', () => {
    for (const text of ['1339,', ',1', '1,,2', '']) assert.throws(() => seedsOf(text), /whole numbers/, text);
    for (const text of ['cifar10,', ''])
      assert.throws(() => selectionOf({ datasets: text }), { name: 'UserError', message: /--datasets/ });
    assert.throws(() => selectionOf({ methods: 'mnn,,msf' }), { name: 'UserError', message: /--methods/ });
  });
});
