import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dataCommand } from '../../lib/cli/commands/data';
import { temporaryFolder } from '../data/temporary-folder';

describe('mnn data', () => {
  const folder = temporaryFolder();
  const { log, error } = console;
  let said: string[] = [];

  beforeEach(() => {
    said = [];
    console.log = console.error = (text: string) => said.push(text);
  });
  afterEach(() => {
    Object.assign(console, { log, error });
    process.exitCode = undefined;
  });

  const data = (...words: string[]) =>
    dataCommand().parseAsync([...words, '--data', folder()], { from: 'user' });
  const partOfCifar10 = () => {
    mkdirSync(join(folder(), 'cifar-10-batches-bin'));
    writeFileSync(join(folder(), 'cifar-10-batches-bin', 'data_batch_1.bin'), 'x'.repeat(150_000));
  };

  it('lists every dataset in columns, with state, size and place', async () => {
    partOfCifar10();
    await data('list');
    assert.deepEqual(
      said.map((line) => line.split(/ {2,}/)),
      [
        ['patterns10', 'patterns10, drawn by the kit', 'built-in'],
        ['shapes10', 'shapes10, drawn by the kit', 'built-in'],
        ['cifar10', 'CIFAR-10', 'unchecked', '0.1 MB', join(folder(), 'cifar-10-batches-bin')],
        ['cifar100', 'CIFAR-100', 'missing'],
        ['stl10', 'STL-10', 'missing'],
        ['tiny-imagenet', 'Tiny ImageNet', 'missing'],
      ],
    );
    assert.equal(new Set(said.slice(2).map((line) => line.search(/missing|unchecked/))).size, 1);
  });

  it('verifies what is named, else what was installed', async () => {
    partOfCifar10();
    await data('verify');
    assert.deepEqual(said, [`No dataset is installed in ${folder()}.`]);
    await data('verify', 'cifar10');
    assert.equal(process.exitCode, 1);
    assert.match(said[1], /data_batch_1\.bin has 150000 bytes, expected 30730000/);
  });

  it('says what is wrong with a damaged one, and verifies the others', async () => {
    partOfCifar10();
    writeFileSync(join(folder(), 'cifar-10-batches-bin', 'manifest.json'), '{');
    mkdirSync(join(folder(), 'cifar-100-binary'));
    writeFileSync(join(folder(), 'cifar-100-binary', 'train.bin'), 'x');
    const members = [{ name: 'train.bin', bytes: 1, md5: '' }];
    writeFileSync(
      join(folder(), 'cifar-100-binary', 'manifest.json'),
      JSON.stringify({ dataset: 'cifar100', source: 'x', officialArchive: true, members }),
    );
    await data('list');
    assert.match(said[2], /^cifar10 .* damaged /);
    assert.match(said[3], /^cifar100 .* installed /);
    assert.match(said[6], /^cifar10: .*manifest\.json is not a manifest that an install wrote/);
    said = [];
    await data('verify');
    assert.match(said[0], /manifest\.json is not a manifest/);
    assert.match(said.join(), /cifar-100-binary: test\.bin is missing/);
    assert.equal(process.exitCode, 1);
  });

  it('goes on with the next dataset where one fails', async () => {
    partOfCifar10();
    await data('fetch', 'cifar10', 'patterns10');
    assert.equal(process.exitCode, 1);
    assert.match(said[0], /is there, but is not the whole CIFAR-10/);
    assert.match(said[1], /patterns10 is built in/);
  });

  it('looks at every name before it does anything', async () => {
    await assert.rejects(data('fetch', 'patterns10', 'cifra100'), /Unknown dataset 'cifra100'. Did you mean/);
    await assert.rejects(data('fetch', 'all', 'typo'), /Unknown dataset 'typo'/);
    await assert.rejects(data('verify', 'patterns10', 'typo'), /Unknown dataset 'typo'/);
    assert.deepEqual(said, []);
  });

  it('takes one dataset from a file at a time', async () => {
    await assert.rejects(
      data('fetch', 'all', '--from', 'x.tar'),
      /--from x\.tar is one dataset's; 4 are named/,
    );
  });

  it('removes nothing that it did not install, unless forced', async () => {
    partOfCifar10();
    await assert.rejects(data('remove', 'cifar10'), /has no manifest\.json/);
    await data('remove', 'cifar10', '--force');
    await data('remove', 'cifar10');
    assert.deepEqual(said, [
      `Removed ${join(folder(), 'cifar-10-batches-bin')}`,
      `Nothing of cifar10 is in ${folder()}.`,
    ]);
  });
});
