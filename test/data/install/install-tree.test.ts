import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { findDataset } from '../../../lib/data/data-folder';
import { installSource } from '../../../lib/data/install/install';
import { removeSource } from '../../../lib/data/install/remove';
import { verifySource } from '../../../lib/data/install/verify';
import { changesSinceInstall, readManifest } from '../../../lib/data/manifest';
import { temporaryFolder } from '../temporary-folder';
import { treeEntries, treeFiles, treeSource, writeTree, zipOf } from '../tiny-tree';

describe('installing a dataset of files without published sums', () => {
  const folder = temporaryFolder();
  const dataFolder = () => join(folder(), 'data');
  const installed = () => join(dataFolder(), 'tree');
  const install = (from: string, source = treeSource()) =>
    installSource(source, { from, dataFolder: dataFolder() });
  const installZip = async (zip: Buffer, source = treeSource(zip)) => {
    const from = join(folder(), 'tree.zip');
    writeFileSync(from, zip);
    return install(from, source);
  };

  it("takes the publisher's archive", async () => {
    const { message } = await installZip(await zipOf(...treeEntries));
    assert.match(message, /all 9 files are there, each as it was installed from the publisher's archive\.$/);
    assert.equal(readFileSync(join(installed(), 'words.txt'), 'utf8'), treeFiles['words.txt']);
    assert.deepEqual(readManifest(installed())?.tree?.files, 9);
    assert.deepEqual(readManifest(installed())?.members, [], 'the list is a file of its own');
  });

  it('takes no other archive: it could not check what is in it', async () => {
    const zip = await zipOf(...treeEntries);
    await assert.rejects(installZip(zip, treeSource()), /not the publisher's tree\.zip.*Unpack it yourself/);
    assert.deepEqual(readdirSync(dataFolder()), []);
  });

  it('takes a folder by its names, and says that these are all that was checked', async () => {
    const { message } = await install(writeTree(join(folder(), 'given'), { 'test/images/test_0.JPEG': 'x' }));
    assert.match(
      message,
      /There are no published sums of their contents: only names and numbers were checked/,
    );
    assert.ok(!existsSync(join(installed(), 'test')));
  });

  it("takes a folder whose images were sorted for torchvision's ImageFolder, and puts them back", async () => {
    const given = writeTree(join(folder(), 'given'));
    for (const [from, to] of [
      ['val/images/val_0.JPEG', 'val/n02/images/val_0.JPEG'],
      ['val/images/val_1.JPEG', 'val/n01/val_1.JPEG'],
      ['train/n01/images/n01_1.JPEG', 'train/n01/n01_1.JPEG'],
    ]) {
      mkdirSync(dirname(join(given, to)), { recursive: true });
      renameSync(join(given, from), join(given, to));
    }
    rmSync(join(given, 'val/val_annotations.txt'));
    assert.deepEqual((await verifySource(treeSource(), join(folder(), 'given'))).problems, []);
    await install(given);
    for (const [name, text] of Object.entries(treeFiles)) {
      const made = readFileSync(join(installed(), name), 'utf8');
      if (name === 'val/val_annotations.txt') assert.match(made, /^val_1\.JPEG\tn01\nval_0\.JPEG\tn02\n$/m);
      else assert.equal(made, text, name);
    }
  });

  const changes: [string, (folder: string) => void, RegExp][] = [
    ['an image', (at) => rmSync(join(at, 'train/n01/images/n01_1.JPEG')), /n01_1\.JPEG missing/],
    ['a class', (at) => writeFileSync(join(at, 'wnids.txt'), 'n01\n'), /names 1 classes, expected 2/],
    [
      'an annotation',
      (at) => writeFileSync(join(at, 'val/val_annotations.txt'), ''),
      /no line for val_0\.JPEG/,
    ],
    ['the words', (at) => rmSync(join(at, 'words.txt')), /words\.txt is missing/],
  ];
  for (const [what, change, pattern] of changes) {
    it(`refuses a folder without ${what}`, async () => {
      const from = writeTree(join(folder(), 'given'));
      change(from);
      await assert.rejects(install(from), pattern);
      assert.deepEqual(readdirSync(dataFolder()), []);
    });
  }

  it('refuses annotations of a class that is none, and images too many', async () => {
    const annotations = treeFiles['val/val_annotations.txt'].replace('n02', 'n03');
    const from = writeTree(join(folder(), 'given'), { 'val/val_annotations.txt': annotations });
    await assert.rejects(install(from), /gives val_0\.JPEG the class n03, which wnids\.txt lacks/);
    const other = writeTree(join(folder(), 'other'), { 'train/n01/images/n01_7.JPEG': 'x' });
    await assert.rejects(install(other), /n01_7\.JPEG not of the dataset/);
  });

  it('notices later every byte that changed, and a changed list', async () => {
    await installZip(await zipOf(...treeEntries));
    const verify = () => verifySource(treeSource(), dataFolder());
    assert.deepEqual((await verify()).problems, []);
    writeFileSync(join(installed(), 'val/images/val_1.JPEG'), 'x');
    assert.match((await verify()).problems.join(), /^val\/images\/val_1\.JPEG has md5 .* was installed$/);
    writeFileSync(join(installed(), 'md5sums.txt'), '');
    await assert.rejects(verify(), /md5sums\.txt is not what the install wrote/);
  });

  it('notices by the names alone that images are lost', async () => {
    await installZip(await zipOf(...treeEntries));
    const changes = () => changesSinceInstall(installed(), readManifest(installed())!);
    assert.deepEqual(changes(), []);
    rmSync(join(installed(), 'train', 'n01'), { recursive: true });
    assert.equal(changes().length, 2);
    assert.match(changes()[0], /n01_0\.JPEG is missing/);
  });

  it('says of a folder unpacked by hand that its contents are not known', async () => {
    writeTree(dataFolder());
    assert.match((await verifySource(treeSource(), dataFolder())).checked, /by their names\..* not checked/);
  });

  it('asks for the room that its files take, not for all that an archive may unpack to', async () => {
    const source = treeSource();
    const { maxBytes, diskBytes } = source.tree!;
    const from = writeTree(join(folder(), 'given'));
    await install(from, { ...source, tree: { ...source.tree!, maxBytes: 1e17, diskBytes } });
    const other = { ...source, folder: 'other', tree: { ...source.tree!, maxBytes, diskBytes: 1e17 } };
    await assert.rejects(install(from, other), /MB free, where \d+ MB are needed/);
  });

  it('finds a subset where it is', () => {
    const at = writeTree(folder());
    rmSync(join(at, 'train/n02'), { recursive: true });
    assert.equal(findDataset(treeSource(), folder()), at);
    assert.equal(findDataset(treeSource(), at), at);
  });

  it('is removed whole', async () => {
    await installZip(await zipOf(...treeEntries));
    assert.deepEqual(await removeSource(treeSource(), dataFolder()), { removed: [installed()], kept: [] });
    assert.deepEqual(readdirSync(dataFolder()), []);
  });
});
