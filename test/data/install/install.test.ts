import assert from 'node:assert/strict';
import fs, {
  existsSync,
  fstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { Header } from 'tar';
import { UserError } from '../../../lib/core/errors';
import { installDataset, installSource } from '../../../lib/data/install/install';
import { listDatasets } from '../../../lib/data/install/list';
import { verifyDataset, verifySource } from '../../../lib/data/install/verify';
import { readManifest } from '../../../lib/data/manifest';
import { refusedWith } from '../refused';
import { temporaryFolder } from '../temporary-folder';
import { md5, packTiny, tiny, writeTiny } from './tiny-source';

describe('installing a dataset', () => {
  const folder = temporaryFolder();
  const dataFolder = () => join(folder(), 'data');
  const installed = () => join(dataFolder(), 'tiny-bin');
  const install = (from: string, source = tiny) => installSource(source, { from, dataFolder: dataFolder() });
  const refused = async (from: string, ...patterns: RegExp[]) => {
    await assert.rejects(install(from), (error: Error) => {
      assert.ok(error instanceof UserError, error.stack);
      for (const pattern of patterns) assert.match(error.message, pattern);
      return true;
    });
    assert.deepEqual(
      existsSync(dataFolder()) ? readdirSync(dataFolder()) : [],
      [],
      'something was left behind',
    );
  };

  it('unpacks an archive packed anew where every file has its md5, and says so', async () => {
    writeTiny(folder(), { 'readme.txt': Buffer.from('hello') });
    const { state, message } = await install(await packTiny(folder()));
    assert.equal(state, 'installed');
    assert.match(message, /not the publisher's archive, byte for byte; all 2 files have their published md5/);
    assert.deepEqual(readdirSync(installed()).sort(), ['manifest.json', 'one.bin', 'readme.txt', 'two.bin']);
    assert.equal(readFileSync(join(installed(), 'two.bin'), 'utf8'), 'two');
  });

  it("knows the publisher's archive by its md5", async () => {
    writeTiny(folder());
    const from = await packTiny(folder());
    const archive = readFileSync(from);
    const official = { ...tiny, archive: { ...tiny.archive, bytes: archive.length, md5: md5(archive) } };
    assert.match((await install(from, official)).message, /The archive is the publisher's/);
  });

  it('writes down files, lengths, md5 and source', async () => {
    writeTiny(folder());
    await install(await packTiny(folder()));
    assert.deepEqual(readManifest(installed()), {
      dataset: 'tiny',
      source: 'tiny.tar.gz',
      officialArchive: false,
      members: tiny.members,
    });
  });

  it('passes over files that the dataset does not have', async () => {
    writeTiny(folder(), { 'stray.bin': Buffer.from('?') });
    await install(await packTiny(folder()));
    assert.ok(!existsSync(join(installed(), 'stray.bin')));
  });

  it('tells how far it is', async () => {
    writeTiny(folder());
    const from = await packTiny(folder());
    const seen: unknown[] = [];
    await installSource(tiny, { from, dataFolder: dataFolder(), onProgress: (...at) => seen.push(at) });
    const { length } = readFileSync(from);
    assert.deepEqual(seen, [
      [length, length, 'check'],
      [length, length, 'unpack'],
    ]);
  });

  it('copies a folder that is or holds the dataset', async () => {
    const inner = writeTiny(folder());
    for (const from of [folder(), inner]) {
      assert.equal((await install(from)).state, 'installed');
      rmSync(installed(), { recursive: true });
    }
  });

  it('leaves an installed dataset alone and says that it is there', async () => {
    const from = writeTiny(folder());
    await install(from);
    const { state, message } = await install(from);
    assert.equal(state, 'already');
    assert.match(message, /already in .*tiny-bin/);
  });

  it('accepts files that were unpacked by hand, and never overwrites wrong ones', async () => {
    const from = writeTiny(folder());
    writeTiny(dataFolder());
    assert.equal((await install(from)).state, 'already');
    assert.equal(readManifest(installed())?.source, 'unpacked by hand');
    writeFileSync(join(installed(), 'two.bin'), 'own');
    await assert.rejects(
      install(from),
      /is there, but is not the whole Tiny: two\.bin has md5 .*Remove or rename/,
    );
    assert.equal(readFileSync(join(installed(), 'two.bin'), 'utf8'), 'own');
  });

  it('refuses an archive with a wrong file', async () => {
    writeTiny(folder(), { 'two.bin': Buffer.from('owt') });
    await refused(await packTiny(folder()), /two\.bin has md5 [0-9a-f]{32}, expected [0-9a-f]{32}/);
  });

  it('refuses an archive without one of the files', async () => {
    rmSync(join(writeTiny(folder()), 'two.bin'));
    await refused(await packTiny(folder()), /two\.bin is missing/, /--data/);
  });

  it('refuses a truncated archive', async () => {
    writeTiny(folder());
    const from = await packTiny(folder());
    const half = Math.floor(readFileSync(from).length / 2);
    truncateSync(from, half);
    await refused(from, /tiny\.tar\.gz ends too early/, new RegExp(`${half} bytes`));
  });

  it('refuses an archive with a flipped bit, wherever it is', async () => {
    writeTiny(folder());
    const from = await packTiny(folder());
    const archive = readFileSync(from);
    for (let at = 20; at < archive.length; at += Math.floor(archive.length / 12)) {
      const changed = Buffer.from(archive);
      changed[at] ^= 8;
      writeFileSync(from, changed);
      await refused(from, /is not a readable tar archive|ends too early|is not the whole Tiny/);
    }
  });

  it('refuses what is not an archive, and what is not there', async () => {
    const page = join(folder(), 'page.tar.gz');
    writeFileSync(page, '<html>404</html>'.repeat(100));
    await refused(page, /page\.tar\.gz is not a readable tar archive/);
    writeFileSync(page, '');
    await refused(page, /page\.tar\.gz is not a readable tar archive/);
    await refused(join(folder(), 'nowhere'), /nowhere does not exist/);
    const empty = join(folder(), 'empty');
    mkdirSync(empty);
    await refused(empty, /has neither tiny-bin, the files of Tiny, nor tiny\.tar\.gz/);
  });

  it('refuses an archive with a link', async () => {
    symlinkSync('/etc/passwd', join(writeTiny(folder()), 'link'));
    await refused(await packTiny(folder()), /holds 'tiny-bin\/link', a SymbolicLink/);
  });

  for (const path of [
    '../outside.bin',
    'tiny-bin/../../outside.bin',
    '/tmp/outside.bin',
    '..\\outside.bin',
  ]) {
    it(`refuses an archive with the path ${path}`, async () => {
      const from = join(folder(), 'evil.tar.gz');
      writeFileSync(from, gzipSync(tarOf([path, 'x'])));
      await refused(from, /leaves the folder/);
      assert.ok(!existsSync(join(folder(), 'outside.bin')));
    });
  }

  it('refuses a second file of the same name', async () => {
    const from = join(folder(), 'twice.tar');
    writeFileSync(from, tarOf(['tiny-bin/two.bin', 'two'], ['tiny-bin/two.bin', 'own']));
    await refused(from, /holds 'tiny-bin\/two\.bin' twice/);
  });

  it('refuses an archive that unpacks to more than the dataset', async () => {
    writeTiny(folder(), { 'bomb.bin': Buffer.alloc(2_000_000) });
    await refused(await packTiny(folder()), /unpacks to more than the \d+ bytes/);
  });

  it('has all that it installed on the disk before it gives the folder its name', async () => {
    const from = writeTiny(folder());
    const done: (string | bigint)[] = [];
    const { fsyncSync, renameSync } = fs;
    fs.fsyncSync = (file) => {
      done.push(fstatSync(file, { bigint: true }).ino);
      fsyncSync(file);
    };
    fs.renameSync = (old, name) => {
      renameSync(old, name);
      done.push(String(name));
    };
    try {
      await install(from);
    } finally {
      Object.assign(fs, { fsyncSync, renameSync });
    }
    const inode = (path: string) => statSync(path, { bigint: true }).ino;
    const at = done.indexOf(installed());
    assert.ok(done.slice(0, at).includes(inode(join(installed(), 'one.bin'))), 'the file');
    if (process.platform === 'win32') return;
    assert.ok(done.slice(0, at).includes(inode(installed())), 'the names in the folder');
    assert.ok(done.slice(at).includes(inode(dataFolder())), 'its own name');
  });

  it('refuses a folder with a folder in place of a file, naming it', async () => {
    const from = writeTiny(folder());
    rmSync(join(from, 'two.bin'));
    mkdirSync(join(from, 'two.bin'));
    await refused(from, /tiny-bin\/two\.bin is not a file/);
  });

  it('says so where the data folder cannot be made', async () => {
    const from = writeTiny(folder());
    writeFileSync(dataFolder(), 'a file');
    await assert.rejects(install(from), /Cannot install Tiny in .*(ENOTDIR|EEXIST)/);
  });

  it('has nothing to do for the built-in dataset and names the known ones for another', async () => {
    assert.equal((await installDataset('shapes10', { dataFolder: dataFolder() })).state, 'built-in');
    await assert.rejects(installDataset('cifar11', { dataFolder: dataFolder() }), /Did you mean cifar10/);
  });
});

describe('verifying and listing datasets', () => {
  const folder = temporaryFolder();

  it('finds nothing wrong with whole files and names each wrong one', async () => {
    writeTiny(folder());
    assert.deepEqual((await verifySource(tiny, folder())).problems, []);
    writeTiny(folder(), { 'one.bin': Buffer.from('short'), 'two.bin': Buffer.from('owt') });
    const { problems } = await verifySource(tiny, folder());
    assert.equal(problems.length, 2);
    assert.match(problems[0], /one\.bin has 5 bytes, expected 200000/);
    assert.match(problems[1], /two\.bin has md5/);
  });

  it('says which file is none', async () => {
    const at = join(writeTiny(folder()), 'one.bin');
    rmSync(at);
    mkdirSync(at);
    await refusedWith(() => verifySource(tiny, folder()), /one\.bin is not a file/);
    rmSync(at, { recursive: true });
    symlinkSync('nowhere', at);
    await refusedWith(() => verifySource(tiny, folder()), /Cannot read .*one\.bin \(ENOENT\)/);
  });

  it('finds every file of a missing dataset missing', async () => {
    assert.equal((await verifyDataset('cifar10', folder())).problems.length, 6);
    assert.deepEqual((await verifyDataset('shapes10', folder())).problems, []);
  });

  it('lists what is built in, missing, or there without an install', () => {
    const states = () => Object.fromEntries(listDatasets(folder()).map(({ name, state }) => [name, state]));
    const fresh = {
      patterns10: 'built-in',
      shapes10: 'built-in',
      cifar10: 'missing',
      cifar100: 'missing',
      stl10: 'missing',
      'tiny-imagenet': 'missing',
    };
    assert.deepEqual(states(), fresh);
    for (const [name, file] of [
      ['cifar-10-batches-bin', 'data_batch_1.bin'],
      ['tiny-imagenet-200', 'wnids.txt'],
    ]) {
      mkdirSync(join(folder(), name));
      writeFileSync(join(folder(), name, file), 'x');
    }
    assert.deepEqual(states(), { ...fresh, cifar10: 'unchecked', 'tiny-imagenet': 'unchecked' });
  });

  describe('of which one is damaged', () => {
    const at = (name: string) => join(folder(), 'cifar-10-batches-bin', name);
    const listed = () => listDatasets(folder()).find(({ name }) => name === 'cifar10');
    beforeEach(() => {
      mkdirSync(at(''));
      for (const name of ['data_batch_1.bin', 'data_batch_2.bin']) writeFileSync(at(name), 'x');
      const members = ['data_batch_1.bin', 'data_batch_2.bin'].map((name) => ({ name, bytes: 1, md5: '' }));
      const manifest = { dataset: 'cifar10', source: 'x', officialArchive: true, members };
      writeFileSync(at('manifest.json'), JSON.stringify(manifest));
    });

    it('says that it is installed while every file has its length', () => {
      assert.deepEqual([listed()?.state, listed()?.bytes], ['installed', 2]);
    });

    it('says which file is missing', () => {
      rmSync(at('data_batch_2.bin'));
      assert.equal(listed()?.state, 'damaged');
      assert.match(listed()?.problem ?? '', /data_batch_2\.bin is missing/);
    });

    it('lists the others too where a manifest cannot be read', () => {
      writeFileSync(at('manifest.json'), '{"dataset": "cif');
      assert.equal(listDatasets(folder()).length, 6);
      assert.equal(listed()?.state, 'damaged');
      assert.match(listed()?.problem ?? '', /manifest\.json is not a manifest that an install wrote/);
    });
  });
});

/** A tar archive with these paths as they stand, which tar programs would clean. */
function tarOf(...files: [path: string, content: string][]): Buffer {
  const blocks = files.flatMap(([path, content]) => {
    const block = Buffer.alloc(1024);
    new Header({ path, size: content.length, type: 'File', mode: 0o644, mtime: new Date(0) }).encode(block);
    block.write(content, 512);
    return [block];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}
