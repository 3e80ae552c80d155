import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../lib/core/errors';
import { installSource } from '../../lib/data/install/install';
import { verifySource } from '../../lib/data/install/verify';
import { readManifest, writeManifest } from '../../lib/data/manifest';
import { stageDataset } from '../../lib/sweep';
import { stageSource } from '../../lib/sweep/stage';
import { tiny, writeTiny } from '../data/install/tiny-source';
import { temporaryFolder } from '../data/temporary-folder';
import { treeSource, writeTree } from '../data/tiny-tree';
import { failure } from '../training/tiny-run';

describe('A dataset on local scratch', () => {
  const folder = temporaryFolder();
  const shared = () => join(folder(), 'shared');
  const scratch = () => join(folder(), 'scratch');
  const stage = () => stageSource(tiny, { data: shared(), scratch: scratch() });

  it('is copied once, checked, by whoever comes first, and leaves no lock', async () => {
    writeTiny(shared());
    const unfinished = join(scratch(), `${tiny.folder}.1.tmp`);
    mkdirSync(unfinished, { recursive: true });
    writeFileSync(join(scratch(), `.${tiny.folder}.lock`), '1 on a-container-that-is-gone\n');
    assert.deepEqual(await Promise.all([stage(), stage()]), [scratch(), scratch()]);
    assert.deepEqual((await verifySource(tiny, scratch())).problems, []);
    assert.ok(!existsSync(unfinished), 'what a killed copy left is gone');
    assert.deepEqual(readdirSync(scratch()), [tiny.folder]);
  });

  it('is refused where the shared copy is damaged or missing, or the local one has changed', async () => {
    await failure(stage(), UserError, /shared does not exist/);
    writeTiny(shared(), { 'two.bin': Buffer.from('owt') });
    await failure(stage(), UserError, /not the whole Tiny: two\.bin has md5/);
    writeTiny(shared());
    await stage();
    writeFileSync(join(scratch(), tiny.folder, 'two.bin'), 'owt');
    await failure(stage(), UserError, /two\.bin has md5/);
  });

  it('of very many files is known to be from the archive that the shared one is from', async () => {
    const source = treeSource();
    await installSource(source, { from: writeTree(folder()), dataFolder: shared() });
    const own = join(shared(), source.folder);
    const from = { ...readManifest(own)!, source: 'tree.zip', officialArchive: true };
    writeManifest(own, from);
    await stageSource(source, { data: shared(), scratch: scratch() });
    assert.deepEqual(readManifest(join(scratch(), source.folder)), from);
  });

  it('is not needed for images that the kit draws', async () => {
    assert.equal(await stageDataset('shapes10', { data: 'd', scratch: scratch() }), 'd');
    assert.ok(!existsSync(scratch()));
  });
});
