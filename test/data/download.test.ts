import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { downloadFile } from '../../lib/data/download';
import { installSource } from '../../lib/data/install';
import { readManifest } from '../../lib/data/manifest';
import { UserError } from '../../lib/errors';
import { temporaryFolder } from './temporary-folder';
import { md5, packTiny, tiny, writeTiny } from './tiny-source';

describe('downloading', () => {
  const folder = temporaryFolder();
  const content = Buffer.alloc(300_000, 'content ');
  const servers: Server[] = [];

  async function serve(answer: RequestListener): Promise<string> {
    const server = createServer(answer).listen(0, '127.0.0.1');
    servers.push(server);
    await once(server, 'listening');
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/file`;
  }

  afterEach(() => {
    for (const server of servers.splice(0)) {
      server.close();
      server.closeAllConnections();
    }
  });

  const download = (url: string, more = {}) =>
    downloadFile({ url, file: join(folder(), 'file'), bytes: content.length, md5: md5(content), ...more });

  const fails = async (promise: Promise<void>, pattern: RegExp) => {
    await assert.rejects(promise, (error: Error) => {
      assert.ok(error instanceof UserError, error.stack);
      assert.match(error.message, pattern);
      assert.match(error.message, /--from/);
      return true;
    });
    assert.deepEqual(readdirSync(folder()), [], 'something was left behind');
  };

  it('keeps the bytes whose sums are right, and tells how far it is', async () => {
    const url = await serve((_, response) => response.end(content));
    const seen: number[] = [];
    await download(url, { onProgress: (done: number) => seen.push(done) });
    assert.deepEqual(readFileSync(join(folder(), 'file')), content);
    assert.deepEqual(readdirSync(folder()), ['file']);
    assert.equal(seen.at(-1), content.length);
  });

  it('refuses other bytes, fewer and more', async () => {
    const wrong = Buffer.alloc(content.length, 'Content ');
    await fails(download(await serve((_, response) => response.end(wrong))), /md5 [0-9a-f]{32}, expected/);
    await fails(download(await serve((_, response) => response.end('short'))), /5 bytes, expected 300000/);
    await fails(
      download(await serve((_, response) => response.end(Buffer.alloc(400_000)))),
      /more than the expected/,
    );
  });

  it('checks sha256 where it is known', async () => {
    const url = await serve((_, response) => response.end(content));
    await fails(download(url, { sha256: '0'.repeat(64) }), /sha256 [0-9a-f]{64}, expected 0{64}/);
  });

  it('says what the host answers', async () => {
    const url = await serve((_, response) => response.writeHead(403).end());
    await fails(download(url), /the host answers 403 Forbidden/);
  });

  it('says that the host cannot be reached', async () => {
    await fails(download('http://127.0.0.1:9/file'), /Cannot download http:\/\/127\.0\.0\.1:9\/file: .+/);
  });

  it('gives up on a host that falls silent', async () => {
    const url = await serve((_, response) => {
      response.writeHead(200);
      response.write('a few bytes');
    });
    await fails(download(url, { patience: 100 }), /no bytes for 0\.1 seconds/);
  });

  it('installs the archive that it fetched, and keeps no copy of it', async () => {
    writeTiny(folder());
    const archive = readFileSync(await packTiny(folder()));
    const url = await serve((_, response) => response.end(archive));
    const source = {
      ...tiny,
      archive: { ...tiny.archive, urls: [url], bytes: archive.length, md5: md5(archive) },
    };
    const dataFolder = join(folder(), 'data');
    assert.equal((await installSource(source, { dataFolder })).state, 'installed');
    assert.deepEqual(readdirSync(dataFolder), ['tiny-bin']);
    assert.equal(readManifest(join(dataFolder, 'tiny-bin'))?.source, url);
  });
});
