import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadDataset, subset } from '../../lib/data';
import { isPublished, type Manifest, writeManifest } from '../../lib/data/manifest';
import { sourceOf } from '../../lib/data/registry';
import { temporaryFolder } from './temporary-folder';

describe('Whether images are the published ones', () => {
  const folder = temporaryFolder();
  const manifest = (dataset: string, officialArchive: boolean, members: Manifest['members'] = []) =>
    writeManifest(folder(), { dataset, source: 'somewhere', officialArchive, members });
  const published = (name: string, checksum = 'ab'.repeat(32)) =>
    isPublished(sourceOf(name), folder(), { checksum });

  it('is told by the checksum where that is known, whatever the folder says', () => {
    manifest('cifar10', true, [...sourceOf('cifar10').members]);
    assert.equal(published('cifar10'), false);
    assert.ok(published('cifar10', '331e7515f232b4569079842b39a21c5a412dfbc19bc6f5f2387fa8056ff81849'));
  });

  it('is told by the sums that the files had when they were installed', () => {
    assert.equal(published('cifar100'), false);
    const { members } = sourceOf('cifar100');
    manifest('cifar100', false, members.slice(1));
    assert.equal(published('cifar100'), false);
    manifest('cifar100', false, [...members]);
    assert.ok(published('cifar100'));
  });

  it('is told by the archive of files whose sums are not published', () => {
    manifest('tiny-imagenet', false);
    assert.equal(published('tiny-imagenet'), false);
    manifest('tiny-imagenet', true);
    assert.ok(published('tiny-imagenet'));
  });

  it('stays with a dataset that is loaded, and with a part of it', async () => {
    const own = join(folder(), 'cifar-10-batches-bin');
    mkdirSync(own);
    for (const name of ['data_batch_1.bin', 'test_batch.bin'])
      writeFileSync(join(own, name), Buffer.alloc(20 * 3073));
    const zeros = await loadDataset('cifar10', { data: folder() });
    assert.equal(zeros.verified, false);
    assert.equal(subset({ ...zeros, verified: true }, { train: 10, seed: 1 }).verified, true);
  });
});
