import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { evaluateCommand } from '../../lib/cli/commands/evaluate';
import { figureCommand } from '../../lib/cli/commands/figure';
import { planCommand } from '../../lib/cli/commands/plan';
import { pretrainCommand } from '../../lib/cli/commands/pretrain';
import { reproduceCommand } from '../../lib/cli/commands/reproduce';
import { sweepCommand } from '../../lib/cli/commands/sweep';
import { checkFolderName, positiveNumber, seedNumber, wholeNumber } from '../../lib/cli/options';
import { engineNames } from '../../lib/engine/engine';
import { temporaryFolder } from '../data/temporary-folder';

describe('A number on the command line', () => {
  const read = (parse: (text: string) => number, text: string) =>
    new Command()
      .exitOverride()
      .configureOutput({ writeErr: () => {} })
      .option('--n <n>', '', parse)
      .parse(['--n', text], { from: 'user' })
      .opts().n;
  const refuses = (parse: (text: string) => number, ...texts: string[]) => {
    for (const text of texts) assert.throws(() => read(parse, text), /option '--n <n>' argument/, text);
  };

  it('that is a seed is any whole number', () => {
    assert.deepEqual(
      ['0', '-7', '1339'].map((text) => read(seedNumber, text)),
      [0, -7, 1339],
    );
    refuses(seedNumber, 'x', '', ' ', '1.5', 'Infinity', '99999999999999999999');
  });

  it('that counts is whole and not below 0, or not below 1', () => {
    assert.equal(read(wholeNumber, '0'), 0);
    refuses(wholeNumber, '-1', 'x', '', '2.5');
    assert.equal(read(positiveNumber, '1'), 1);
    refuses(positiveNumber, '0', '-1', '');
  });
});

describe('The name of a folder on the command line', () => {
  const folder = temporaryFolder();
  const check = (name: string) => checkFolderName('--out', name, 'As a file it ends in .svg');

  it('is not that of a file, which would become a folder of that name', () => {
    for (const name of ['y.jpg', 'a/b.JPEG', 'figure.eps', 'page.html']) {
      assert.throws(
        () => check(name),
        /^UserError: --out .* is the name of a file\. As a file it ends in \.svg; a folder/,
      );
    }
  });

  it('can have dots, and be that of a file if there is such a folder or it ends in a slash', () => {
    for (const name of ['figures', 'results.v2', '..', 'y.jpg/']) check(name);
    mkdirSync(join(folder(), 'y.jpg'));
    check(join(folder(), 'y.jpg'));
  });
});

describe('The option --engine', () => {
  const commands = (command: Command): Command[] => [command, ...command.commands.flatMap(commands)];
  const withEngine = [
    pretrainCommand(),
    sweepCommand(),
    evaluateCommand(),
    figureCommand(),
    planCommand(),
    reproduceCommand(),
  ]
    .flatMap(commands)
    .flatMap((command) => command.options.map((option) => ({ command: command.name(), option })))
    .filter(({ option }) => option.long === '--engine');

  it('names every engine in the help of each command', () => {
    assert.ok(withEngine.length >= 6);
    for (const { command, option } of withEngine) {
      for (const name of engineNames) assert.ok(option.description.includes(name), `${command}: ${name}`);
    }
  });
});
