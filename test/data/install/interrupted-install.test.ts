import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import fs, { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { constants, hostname } from 'node:os';
import { join } from 'node:path';
import { UserError } from '../../../lib/core/errors';
import { installSource } from '../../../lib/data/install/install';
import { whileLocked } from '../../../lib/data/install/lock';
import { readManifest } from '../../../lib/data/manifest';
import type { Source } from '../../../lib/data/sources';
import { answers, BadServer, cutsAfter, honest } from '../bad-server';
import { temporaryFolder } from '../temporary-folder';
import { md5, tiny, writeTiny } from './tiny-source';

describe('an install that does not come to its end', () => {
  const folder = temporaryFolder();
  const dataFolder = () => join(folder(), 'data');
  const content = Buffer.from(Array.from({ length: 400_000 }, (_, i) => (i * i) >> 3));
  let server: BadServer;
  let source: Source;

  beforeEach(async () => {
    const { create } = await import('tar');
    writeTiny(folder(), { 'one.bin': content });
    const file = join(folder(), 'tiny.tar');
    await create({ file, cwd: folder(), portable: true }, [tiny.folder]);
    const archive = readFileSync(file);
    server = await BadServer.start(archive);
    source = {
      ...tiny,
      archive: { ...tiny.archive, urls: [server.url], bytes: archive.length, md5: md5(archive) },
      members: [{ name: 'one.bin', bytes: content.length, md5: md5(content) }, tiny.members[1]],
    };
  });
  afterEach(() => server.stop());

  const install = (more = {}) =>
    installSource(source, { dataFolder: dataFolder(), wait: async () => {}, ...more });
  const isInstalled = () => {
    assert.deepEqual(readdirSync(dataFolder()), ['tiny-bin']);
    assert.ok(readFileSync(join(dataFolder(), 'tiny-bin', 'one.bin')).equals(content));
    assert.equal(readManifest(join(dataFolder(), 'tiny-bin'))?.source, server.url);
  };

  it('downloads over a bad connection, and keeps no copy of the archive', async () => {
    server.behaviors = [answers(503), cutsAfter(100_000), cutsAfter(70_000), honest()];
    assert.equal((await install()).state, 'installed');
    isInstalled();
  });

  const kills = [
    { work: 'download', share: 0.5, requests: 2 },
    { work: 'check', share: 1, requests: 1 },
    { work: 'unpack', share: 0.1, requests: 1 },
    { work: 'unpack', share: 1, requests: 1 },
  ];
  for (const { requests, ...at } of kills) {
    it(`that was killed in the ${at.work}, at ${100 * at.share}%, is made good by the next`, async () => {
      await killed({ ...at, source, dataFolder: dataFolder() });
      assert.ok(!existsSync(join(dataFolder(), 'tiny-bin')));
      assert.ok(readdirSync(dataFolder()).includes(`.${source.name}`), 'its lock is left');
      assert.equal((await install()).state, 'installed');
      isInstalled();
      assert.equal(server.requests.length, requests, 'what was there is not downloaded again');
    });
  }

  describe('for want of room', () => {
    const { writeSync } = fs;
    /** The disk is full after so many bytes, or fails with another error. */
    const fillDiskAfter = (bytes: number, error: object = { code: 'ENOSPC' }) => {
      let room = bytes;
      const full = (file: number, chunk: Uint8Array, at = 0) => {
        room -= chunk.length - at;
        if (room < 0) throw Object.assign(new Error('no space left'), { ...error, syscall: 'write' });
        return writeSync(file, chunk, at);
      };
      fs.writeSync = full as typeof fs.writeSync;
    };
    afterEach(() => {
      fs.writeSync = writeSync;
    });

    it('says what it kept of the download, and goes on from there', async () => {
      fillDiskAfter(200_000);
      await assert.rejects(
        install(),
        /\(ENOSPC\)\. The disk is full: free some space.* kept in .*tiny\.tar\.gz\.part;/,
      );
      fs.writeSync = writeSync;
      await install();
      isInstalled();
      assert.match(server.ranges[1] ?? '', /^bytes=\d+-$/);
    });

    it('says that the quota is used up, and does not take that for a fault of the network', async () => {
      fillDiskAfter(200_000, { code: 'UNKNOWN', errno: -constants.errno.EDQUOT });
      await assert.rejects(install(), /\(EDQUOT\)\. Your disk quota is used up.* kept in .*part;/);
      assert.equal(server.requests.length, 1, 'it was not tried again');
    });

    it('leaves nothing half unpacked, and the archive', async () => {
      fillDiskAfter(source.archive.bytes + 50_000);
      await assert.rejects(install(), /\(ENOSPC\)\. .*tiny\.tar\.gz is kept/);
      assert.deepEqual(readdirSync(dataFolder()), ['tiny.tar.gz']);
      fs.writeSync = writeSync;
      await install();
      isInstalled();
      assert.equal(server.requests.length, 1);
    });

    it('does not begin where there cannot be enough', async () => {
      source = { ...source, members: [{ name: 'one.bin', bytes: 1e17, md5: '' }] };
      await assert.rejects(install(), /data has \d+ MB free, where \d+ MB are needed/);
      assert.equal(server.requests.length, 0);
    });
  });

  it('refuses an archive of that name that is not the right one, and leaves it', async () => {
    mkdirSync(dataFolder());
    const file = join(dataFolder(), 'tiny.tar.gz');
    writeFileSync(file, 'own');
    await assert.rejects(install(), /is there, but is not the publisher's: it has 3 bytes.*--from/);
    assert.equal(readFileSync(file, 'utf8'), 'own');
  });

  describe('because of another', () => {
    it('waits for none, but says so', async () => {
      await whileLocked(source, dataFolder(), async () => {
        await assert.rejects(install(), (error: Error) => {
          assert.ok(error instanceof UserError);
          assert.match(error.message, /The install of Tiny in .* is at work in process \d+/);
          return true;
        });
      });
      await install();
      isInstalled();
    });

    it('takes over from one that is no more, also one of an earlier version', async () => {
      mkdirSync(join(dataFolder(), 'tiny-bin.99.tmp'), { recursive: true });
      writeFileSync(join(dataFolder(), '.tiny-bin.lock'), `1 on ${hostname()}\n`);
      await install();
      isInstalled();
    });

    it('lets only one of several install', async () => {
      const states = await Promise.allSettled([install(), install(), install()]);
      assert.deepEqual(states.map(({ status }) => status).sort(), ['fulfilled', 'rejected', 'rejected']);
      isInstalled();
    });
  });
});

/** Runs killed-install.ts to its sudden end. */
function killed(at: object): Promise<void> {
  const script = join(__dirname, 'killed-install.ts');
  return new Promise((resolve, reject) => {
    execFile(process.execPath, ['-r', 'tsx/cjs', script, JSON.stringify(at)], (error, _stdout, stderr) => {
      if (error?.signal === 'SIGKILL') resolve();
      else reject(new Error(`It was not killed: ${stderr}`));
    });
  });
}
