import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { fillTable, findTable } from '../../lib/paper';
import { presetConfig } from '../../lib/presets/presets';
import { cellCommand, runCommand } from '../../lib/report/commands';
import { paperRecord, recordOf } from '../paper/paper-record';
import { sampleRecord } from '../results/sample-record';

describe('The command in the report', () => {
  const selection = { preset: 'paper', datasets: ['cifar10'], methods: ['mnn'] };

  it('of a cell runs what is missing of it, and all of it again where nothing is', () => {
    const table = findTable('linear');
    const command = (seeds: number[]) => {
      const records = seeds.map((seed) => paperRecord('mnn', 'cifar10', seed));
      return cellCommand('linear', fillTable(table, selection, records).cells[0]);
    };
    const missing =
      'npx mnn reproduce linear --preset paper --datasets cifar10 --methods mnn --seeds 1339,1340,1341';
    assert.equal(command([]), missing);
    assert.equal(command([1339]), missing);
    assert.equal(command([1339, 1340, 1341]), `${missing} --restart`);
  });

  it('of a run gives what differs from its preset', () => {
    const config = presetConfig({
      preset: 'quick',
      method: 'mnn',
      dataset: 'patterns10',
      seed: 7,
      options: { lambda: 0.5 },
      override: { training: { epochs: 3 }, images: { train: 512 } },
    });
    assert.equal(
      runCommand(recordOf(config)),
      'npx mnn pretrain --method mnn --dataset patterns10 --preset quick --seed 7 --epochs 3 --train 512 ' +
        '--set lambda=0.5 --restart',
    );
  });

  it('of a run gives the part of the dataset that it had', () => {
    const images = { perClass: 20, test: 100, seed: 3 };
    const config = presetConfig({
      preset: 'small',
      method: 'msf',
      dataset: 'stl10',
      override: { images: { ...images, limit: 1000 } },
    });
    assert.equal(
      runCommand(recordOf(config)),
      'npx mnn pretrain --method msf --dataset stl10 --preset small --seed 1339 --per-class 20 --test 100 ' +
        '--unlabeled 1000 --subset-seed 3 --restart',
    );
  });

  it('of a run is left out where the command line cannot give its settings', () => {
    const config = presetConfig({
      preset: 'quick',
      method: 'mnn',
      dataset: 'patterns10',
      override: { training: { weightDecay: 0.1 } },
    });
    assert.equal(runCommand(recordOf(config)), null);
    assert.equal(runCommand(sampleRecord('a method of somebody’s own')), null);
  });

  it('quotes what the shell would take apart', () => {
    const [cell] = fillTable(findTable('linear'), selection, []).cells;
    const dataset = "it's; a folder";
    const command = cellCommand('linear', { ...cell, dataset });
    const quoted = command.match(/--datasets (.*) --methods/)![1];
    if (process.platform === 'win32') return;
    const { stdout } = spawnSync('sh', ['-c', `printf %s ${quoted}`], { encoding: 'utf8' });
    assert.equal(stdout, dataset);
  });
});
