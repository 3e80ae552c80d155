import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '../data/temporary-folder';
import { mnn } from './mnn';

const show = (...args: string[]) => mnn('data', 'show', ...args);

describe('mnn data show', () => {
  const folder = temporaryFolder();

  it('draws at most as many images as are there, where they are limited', () => {
    const out = join(folder(), 'figures');
    const { output } = show('shapes10', '--limit', '1000', '--columns', '1', '--out', out);
    assert.match(output, /train +1000 +100\ntest +512 +51 to 52\n/);
  });

  it('says what a part of a dataset holds, and draws its images and views', () => {
    const out = join(folder(), 'figures');
    const { code, output } = show(
      'shapes10',
      '--per-class',
      '6',
      '--limit',
      '40',
      '--columns',
      '2',
      '--out',
      out,
    );
    assert.equal(code, 0, output);
    assert.match(output, /train +60 +6\ntest +40 +4\n/);
    assert.deepEqual(readdirSync(out).sort(), ['shapes10-samples.png', 'shapes10-views.png']);
  });

  it('refuses what is not there before it draws anything', () => {
    const out = join(folder(), 'figures');
    const wrong = show('shapes10', '--image', '2048', '--out', out);
    assert.equal(wrong.code, 1);
    assert.match(wrong.output, /no training image 2048: give --image a number from 0 to 2047/);
    assert.equal(existsSync(out), false);
  });

  it('refuses an image that no copy of the dataset has before it reads one', () => {
    const { output } = show('cifar10', '--data', folder(), '--image', '50000');
    assert.match(output, /give --image a number from 0 to 49999/);
  });
});
