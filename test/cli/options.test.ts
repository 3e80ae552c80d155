import assert from 'node:assert/strict';
import { Command } from 'commander';
import { positiveNumber, seedNumber, wholeNumber } from '../../lib/cli/options';

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
