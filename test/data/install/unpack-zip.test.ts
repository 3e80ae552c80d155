import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../../lib/core/errors';
import { unpackArchive } from '../../../lib/data/install/unpack';
import { temporaryFolder } from '../temporary-folder';
import { treeEntries, treeFiles, treeSource, type ZipEntry, zipOf } from '../tiny-tree';
import { md5, packTiny, tiny, writeTiny } from './tiny-source';

describe('unpacking a zip archive', () => {
  const folder = temporaryFolder();
  const unpack = (zip: Buffer, source = treeSource()) => {
    const archive = join(folder(), 'archive.zip');
    writeFileSync(archive, zip);
    rmSync(join(folder(), 'out'), { recursive: true, force: true });
    return unpackArchive(source, archive, join(folder(), 'out'));
  };
  const refuses = (zip: Buffer, pattern: RegExp) =>
    assert.rejects(unpack(zip), (error: Error) => {
      assert.ok(error instanceof UserError, error.stack);
      assert.match(error.message, pattern);
      return true;
    });
  const withEntry = (...entry: ZipEntry) => zipOf(...treeEntries, entry);

  it('gives the needed files, with their md5', async () => {
    const members = await unpack(await zipOf(...treeEntries));
    assert.deepEqual(
      members,
      Object.entries(treeFiles).map(([name, text]) => ({
        name,
        bytes: text.length,
        md5: md5(Buffer.from(text)),
      })),
    );
    const written = readdirSync(join(folder(), 'out'), { recursive: true }).map(String);
    assert.ok(!written.some((name) => /boxes|test_/.test(name)), 'what is not needed is passed over');
    assert.equal(readFileSync(join(folder(), 'out/train/n02/images/n02_1.JPEG'), 'utf8'), 'd');
  });

  it('takes stored and packed files', async () => {
    const big = Buffer.alloc(300_000, 'big ');
    for (const compress of [true, false]) {
      const zip = await zipOf([`tree/val/images/val_${Number(compress)}.JPEG`, big, { compress }]);
      assert.deepEqual((await unpack(zip))[0].md5, md5(big));
    }
  });

  it('is told from tar by its first bytes', async () => {
    writeTiny(folder());
    const found = await unpackArchive(tiny, await packTiny(folder()), join(folder(), 'out'));
    assert.deepEqual(found.map(({ name }) => name).sort(), ['one.bin', 'two.bin']);
  });

  for (const path of [
    '../outside.bin',
    '/tmp/outside.bin',
    'c:/outside.bin',
    '..\\outside.bin',
    'tree/../../x',
  ]) {
    it(`refuses the path ${path}`, async () => {
      // Zip programs write no such paths: it takes the place of a harmless one.
      const harmless = 'h'.repeat(path.length);
      const zip = (await withEntry(harmless, 'x')).toString('latin1').replaceAll(harmless, path);
      await refuses(Buffer.from(zip, 'latin1'), /holds '.*', which leaves the folder/);
      assert.ok(!existsSync(join(folder(), 'outside.bin')));
    });
  }

  it('refuses links and special files', async () => {
    const path = 'tree/val/images/val_9.JPEG';
    await refuses(await withEntry(path, '/etc/passwd', { mode: 0o120777 }), /val_9\.JPEG', a symbolic link/);
    await refuses(await withEntry(path, '', { mode: 0o020666 }), /val_9\.JPEG', a special file/);
  });

  it('refuses files with a password', async () => {
    const zip = await zipOf(...treeEntries);
    const central = zip.indexOf('PK\u0001\u0002', 0, 'latin1');
    zip[central + 8] |= 1;
    await refuses(zip, /a file with a password/);
  });

  it('refuses a name twice, also in other capitals', async () => {
    await refuses(await withEntry('tree/wnids.txt', 'n03\n'), /holds 'tree\/wnids\.txt' twice/);
    await refuses(await withEntry('tree/WNIDS.txt', 'n03\n'), /holds 'tree\/WNIDS\.txt' twice/);
  });

  it('refuses more bytes than the dataset can have', async () => {
    const zip = await withEntry('tree/bomb.bin', Buffer.alloc(1_000_001));
    assert.ok(zip.length < 10_000);
    await refuses(zip, /unpacks to more than the 1000000 bytes/);
  });

  it('refuses more bytes than the archive says', async () => {
    const zip = await zipOf(['tree/val/images/val_0.JPEG', Buffer.alloc(500_000)]);
    const central = zip.indexOf('PK\u0001\u0002', 0, 'latin1');
    zip.writeUInt32LE(10, central + 24);
    await refuses(zip, /not a readable zip archive \(.*larger than 10 bytes/);
  });

  it('refuses bytes that changed, whether packed or not', async () => {
    for (const compress of [true, false]) {
      const zip = await zipOf(['tree/wnids.txt', 'n01\nn02\n'.repeat(99), { compress }]);
      zip[zip.indexOf('wnids.txt') + 'wnids.txt'.length + 1] ^= 4;
      await refuses(zip, /not a readable zip archive/);
    }
  });

  it('checks large files likewise, which it reads in a stream', async () => {
    const source = { ...tiny, members: [{ name: 'big.bin', bytes: 3_000_000, md5: '' }] };
    const big = Buffer.alloc(2_000_000, 'big ');
    const zip = () => zipOf(['tiny-bin/big.bin', big, { compress: false }]);
    assert.equal((await unpack(await zip(), source))[0].md5, md5(big));
    const changed = await zip();
    changed[1_000_000] ^= 1;
    await assert.rejects(unpack(changed, source), /big\.bin' has not the checksum that the archive says/);
    const packed = await zipOf(['tiny-bin/big.bin', big]);
    packed.writeUInt32LE(1_900_000, packed.indexOf('PK\u0001\u0002', 0, 'latin1') + 24);
    await assert.rejects(unpack(packed, source), /too many bytes in the stream/);
  });

  it('refuses a part of an archive', async () => {
    const zip = await zipOf(...treeEntries);
    await refuses(zip.subarray(0, zip.length / 2), /not a readable zip archive .* \d+ bytes/);
  });
});
