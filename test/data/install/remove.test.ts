import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  realpathSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { installSource } from '../../../lib/data/install/install';
import { removeDataset, removeSource } from '../../../lib/data/install/remove';
import { refusedWith } from '../refused';
import { temporaryFolder } from '../temporary-folder';
import { tiny, writeTiny } from './tiny-source';

describe('removing a dataset', () => {
  const folder = temporaryFolder();
  const dataFolder = () => join(folder(), 'data');
  const installed = () => join(dataFolder(), 'tiny-bin');
  const install = () => installSource(tiny, { from: writeTiny(folder()), dataFolder: dataFolder() });

  it('takes away what the install made, and says so', async () => {
    await install();
    mkdirSync(join(installed(), '.cache'));
    writeFileSync(join(installed(), '.cache', 'decoded'), 'x');
    assert.deepEqual(await removeSource(tiny, dataFolder()), { removed: [installed()], kept: [] });
    assert.deepEqual(readdirSync(dataFolder()), []);
  });

  it('takes away what was not finished', async () => {
    mkdirSync(join(dataFolder(), 'tiny-bin.123.tmp'), { recursive: true });
    writeFileSync(join(dataFolder(), 'tiny.tar.gz.part'), 'x');
    writeFileSync(join(dataFolder(), 'other'), 'x');
    const { removed } = await removeSource(tiny, dataFolder());
    assert.equal(removed.length, 2);
    assert.deepEqual(readdirSync(dataFolder()), ['other']);
  });

  it('leaves files that no install put there', async () => {
    await install();
    const own = join(installed(), 'own.txt');
    writeFileSync(own, 'x');
    assert.deepEqual(await removeSource(tiny, dataFolder()), { removed: [], kept: [own] });
    assert.deepEqual(readdirSync(installed()), ['own.txt']);
  });

  it('leaves a folder without a manifest, unless forced', async () => {
    writeTiny(dataFolder());
    await assert.rejects(removeSource(tiny, dataFolder()), /has no manifest\.json.*--force/);
    assert.ok(existsSync(join(installed(), 'two.bin')));
    await removeSource(tiny, dataFolder(), { force: true });
    assert.ok(!existsSync(installed()));
  });

  it('says so where the folder cannot be written', async function () {
    if (process.getuid?.() === 0) this.skip(); // The superuser may write everywhere.
    await install();
    chmodSync(dataFolder(), 0o555);
    try {
      await refusedWith(() => removeSource(tiny, dataFolder()), /Cannot remove Tiny from .*data \(EACCES\)/);
    } finally {
      chmodSync(dataFolder(), 0o755);
    }
  });

  it('says so where its lock cannot be made', async () => {
    writeFileSync(dataFolder(), 'a file');
    await refusedWith(
      () => removeSource(tiny, dataFolder()),
      /Cannot remove Tiny from .*data \((EEXIST|ENOTDIR)\)/,
    );
  });

  it('leaves files that were there before, though their sums were taken, unless forced', async () => {
    writeTiny(dataFolder());
    await install();
    await refusedWith(() => removeSource(tiny, dataFolder()), /was unpacked by hand.*--force/);
    assert.ok(existsSync(join(installed(), 'two.bin')));
    await removeSource(tiny, dataFolder(), { force: true });
    assert.ok(!existsSync(installed()));
  });

  it("takes away what was kept in the kit's own folder while the dataset's could not be written", async () => {
    const before = process.env.MNN_DATA;
    process.env.MNN_DATA = join(folder(), 'own');
    try {
      await install();
      const id = createHash('sha256').update(realpathSync(installed())).digest('hex').slice(0, 16);
      const cache = join(folder(), 'own', '.cache');
      mkdirSync(cache, { recursive: true });
      for (const name of [`${id}-pixels.bin`, 'other-pixels.bin']) writeFileSync(join(cache, name), 'x');
      const { removed } = await removeSource(tiny, dataFolder());
      assert.deepEqual(removed, [installed(), join(cache, `${id}-pixels.bin`)]);
      assert.deepEqual(readdirSync(cache), ['other-pixels.bin']);
    } finally {
      if (before === undefined) delete process.env.MNN_DATA;
      else process.env.MNN_DATA = before;
    }
  });

  it('never follows a link, nor a name that leads out', async () => {
    await install();
    const elsewhere = join(folder(), 'elsewhere');
    renameSync(installed(), elsewhere);
    symlinkSync(elsewhere, installed());
    for (const force of [false, true]) {
      await assert.rejects(removeSource(tiny, dataFolder(), { force }), /is a link/);
    }
    assert.ok(existsSync(join(elsewhere, 'two.bin')));
    mkdirSync(join(folder(), 'evil', 'tiny-bin'), { recursive: true });
    writeFileSync(join(folder(), 'victim'), 'x');
    writeFileSync(
      join(folder(), 'evil', 'tiny-bin', 'manifest.json'),
      JSON.stringify({
        dataset: 'tiny',
        source: 'x',
        officialArchive: false,
        members: [{ name: '../../victim', bytes: 1, md5: '' }],
      }),
    );
    await removeSource(tiny, join(folder(), 'evil'));
    assert.ok(existsSync(join(folder(), 'victim')));
  });

  it('has nothing to do where nothing is, and knows the names', async () => {
    assert.deepEqual(await removeSource(tiny, dataFolder()), { removed: [], kept: [] });
    await assert.rejects(removeDataset('cifar11', dataFolder()), /Did you mean cifar10/);
    await refusedWith(() => removeDataset('shapes10', dataFolder()), /^shapes10 is built in/);
  });
});
