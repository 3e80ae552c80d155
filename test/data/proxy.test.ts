import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { downloadFile } from '../../lib/data/download';
import { BadServer } from './bad-server';
import { md5 } from './install/tiny-source';
import { refusedWith } from './refused';
import { temporaryFolder } from './temporary-folder';

describe('downloading by a proxy', () => {
  const folder = temporaryFolder();
  const content = Buffer.alloc(100_000, 'proxy ');
  const variables = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'NO_PROXY'].flatMap((name) => [
    name,
    name.toLowerCase(),
  ]);
  let before: (string | undefined)[];
  let proxy: Server;
  /** What the proxy was asked for. */
  let asked: string[];
  let address: string;

  beforeEach(async () => {
    before = variables.map((name) => process.env[name]);
    for (const name of variables) delete process.env[name];
    asked = [];
    proxy = createServer((request, response) => {
      asked.push(`${request.method} ${request.url}`);
      response.end(content);
    });
    proxy.on('connect', (request, socket) => {
      asked.push(`${request.method} ${request.url}`);
      socket.once('data', (hello: Buffer) => {
        asked.push(`TLS record ${hello[0]}`);
        socket.destroy();
      });
      socket.on('error', () => {});
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
    });
    proxy.listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    address = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  });
  afterEach(() => {
    proxy.close();
    proxy.closeAllConnections();
    for (const [i, name] of variables.entries()) {
      if (before[i] === undefined) delete process.env[name];
      else process.env[name] = before[i];
    }
  });

  const file = () => join(folder(), 'file');
  const download = (url: string) =>
    downloadFile({ urls: [url], file: file(), bytes: content.length, md5: md5(content), failures: 1 });

  it('asks it for a plain address', async () => {
    process.env.HTTP_PROXY = address;
    await download('http://files.invalid/a.tar.gz');
    assert.ok(readFileSync(file()).equals(content));
    assert.deepEqual(asked, ['GET http://files.invalid/a.tar.gz']);
  });

  it('has it open a tunnel to a safe one, and speaks TLS through that', async () => {
    process.env.HTTPS_PROXY = address;
    await refusedWith(() => download('https://files.invalid/a.tar.gz'), /Cannot download/);
    const handshake = 22;
    assert.deepEqual(asked, ['CONNECT files.invalid:443', `TLS record ${handshake}`]);
  });

  it('goes straight where NO_PROXY says so, and to this machine', async () => {
    process.env.ALL_PROXY = address;
    process.env.NO_PROXY = '0.0.0.0';
    const server = await BadServer.start(content);
    try {
      await download(server.url);
      await download(server.url.replace('127.0.0.1', '0.0.0.0'));
    } finally {
      server.stop();
    }
    assert.deepEqual([server.requests.length, asked], [2, []]);
  });

  it('says so where what is named is not a proxy', async () => {
    process.env.HTTP_PROXY = 'socks5://proxy:1080';
    await refusedWith(
      () => download('http://files.invalid/a.tar.gz'),
      /the proxy socks5:\/\/proxy:1080 in the environment is not an address like/,
    );
  });
});
