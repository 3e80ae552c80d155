import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { UserError } from '../../lib/core/errors';
import { randomStream } from '../../lib/core/random';
import { downloadFile } from '../../lib/data/download';
import {
  answers,
  BadServer,
  type Behavior,
  cutsAfter,
  honest,
  ignoresRange,
  redirectsTo,
  stallsAfter,
  trickles,
} from './bad-server';
import { md5 } from './install/tiny-source';
import { temporaryFolder } from './temporary-folder';

describe('downloading', () => {
  const folder = temporaryFolder();
  const content = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * i) >> 3));
  const file = () => join(folder(), 'file');
  const servers: BadServer[] = [];
  let waits: number[] = [];

  const serve = async (...behaviors: Behavior[]) => {
    const server = await BadServer.start(content, ...behaviors);
    servers.push(server);
    return server;
  };

  beforeEach(() => {
    waits = [];
  });
  afterEach(() => {
    for (const server of servers.splice(0)) server.stop();
  });

  const download = (from: BadServer | string[], more = {}) =>
    downloadFile({
      urls: from instanceof BadServer ? [from.url] : from,
      file: file(),
      bytes: content.length,
      md5: md5(content),
      otherWay: 'Or ask a colleague.',
      timeoutMs: 200,
      wait: async (milliseconds) => waits.push(milliseconds),
      ...more,
    });

  const succeeds = async (from: BadServer | string[], more = {}) => {
    await download(from, more);
    assert.ok(readFileSync(file()).equals(content));
    assert.deepEqual(readdirSync(folder()), ['file']);
  };

  const fails = async (from: BadServer | string[], pattern: RegExp, left: string[] = [], more = {}) => {
    await assert.rejects(download(from, more), (error: Error) => {
      assert.ok(error instanceof UserError, error.stack);
      assert.match(error.message, pattern);
      assert.match(error.message, /Check the network and run again\. Or ask a colleague\.$/);
      return true;
    });
    assert.deepEqual(readdirSync(folder()), left);
  };

  const partAndOrigin = ['file.part', 'file.part.json'];

  describe('from a good host', () => {
    it('keeps the bytes whose sums are right, and tells how far it is', async () => {
      const seen: unknown[] = [];
      await succeeds(await serve(), { onProgress: (...at: unknown[]) => seen.push(at) });
      assert.deepEqual(seen.at(-1), [content.length, content.length, 'check']);
    });

    it('follows redirects to the web, with a limit', async () => {
      const target = await serve();
      await succeeds(await serve(redirectsTo(target.url)));
      await fails(await serve(redirectsTo('/file')), /more than 5 redirects/, ['file']);
    });

    it('follows no redirect out of the web', async () => {
      for (const place of ['file:///etc/passwd', 'ftp://127.0.0.1/file', 'data:,x', 'http://']) {
        await fails(await serve(redirectsTo(place)), /a redirect from http:.* is not followed/);
      }
    });
  });

  describe('when the connection breaks', () => {
    it('goes on from where it was, however often', async () => {
      const random = randomStream(7, 'order');
      const cuts = Array.from({ length: 30 }, () => cutsAfter(random.integer(1, 15_000)));
      const server = await serve(...cuts, honest());
      await succeeds(server);
      assert.ok(server.requests.length > 15);
      assert.deepEqual(new Set(waits), new Set([1000]), 'new bytes make the wait short again');
    });

    it('goes on when run again, and says that it will', async () => {
      const server = await serve(cutsAfter(100_000), cutsAfter(0));
      await fails(server, /1 MB of 1 MB are kept in .*file\.part; the next run resumes there/, partAndOrigin);
      server.behaviors = [honest()];
      await succeeds(server);
      assert.equal(server.ranges.at(-1), 'bytes=100000-');
    });

    it('goes on at another address', async () => {
      const [first, second] = [await serve(cutsAfter(100_000), answers(404)), await serve()];
      await succeeds([first.url, second.url]);
      assert.deepEqual(second.ranges, ['bytes=100000-']);
    });

    it('begins anew where the host has another version by then', async () => {
      const server = await serve(cutsAfter(100_000, '"old"'), honest('"new"'));
      await succeeds(server);
      assert.deepEqual(
        server.requests.map(({ headers }) => headers['if-range']),
        [undefined, '"old"'],
      );
    });

    it('begins anew once where the pieces do not fit', async () => {
      writeFileSync(`${file()}.part`, Buffer.alloc(100_000));
      const server = await serve();
      writeFileSync(`${file()}.part.json`, JSON.stringify({ url: server.url }));
      await succeeds(server);
      assert.deepEqual(server.ranges, ['bytes=100000-', undefined]);
    });

    it('does not build on a part of which it does not know what it is of', async () => {
      writeFileSync(`${file()}.part`, content.subarray(0, 1000));
      const server = await serve();
      await succeeds(server);
      assert.deepEqual(server.ranges, [undefined]);
    });

    it('asks for nothing where all bytes have come', async () => {
      writeFileSync(`${file()}.part`, content);
      writeFileSync(`${file()}.part.json`, '{"url":"http://127.0.0.1:9/"}');
      const server = await serve();
      await succeeds(server);
      assert.equal(server.requests.length, 0);
    });

    it('begins anew where the host ignores Range, and gives up where nothing comes of it', async () => {
      await fails(await serve(ignoresRange(cutsAfter(100_000))), /aborted/, partAndOrigin);
      await succeeds(await serve(cutsAfter(200_000), ignoresRange()));
    });

    it('asks anew where the host sends another range', async () => {
      for (const range of ['bytes 5-299999/300000', 'bytes 100000-299999/400000', 'nonsense']) {
        const wrong = answers(206, { 'content-range': range }, content.subarray(100_000));
        await succeeds(await serve(cutsAfter(100_000), wrong, honest()));
        await succeeds(await serve(cutsAfter(100_000), answers(416), honest()));
      }
    });

    it('tries again where the host falls silent', async () => {
      await succeeds(await serve(stallsAfter(100_000), honest()), { timeoutMs: 50 });
      await fails(await serve(stallsAfter(0)), /no bytes for 0\.03 seconds/, ['file'], { timeoutMs: 30 });
    });
  });

  describe('from a host with troubles', () => {
    it('gives up one that sends next to nothing, though bytes come all the time', async () => {
      const [slow, other] = [await serve(trickles), await serve()];
      const minRate = { bytes: 100_000, milliseconds: 40 };
      await succeeds([slow.url, other.url], { minRate, failures: 3 });
      assert.equal(slow.requests.length, 3);
    });

    it('asks again after 1, 2, 4 ... seconds, then gives up', async () => {
      await succeeds(await serve(answers(503), answers(503), honest()));
      assert.deepEqual(waits, [1000, 2000]);
      waits = [];
      await fails(await serve(answers(503)), /the host answers 503 Service Unavailable/, ['file']);
      assert.deepEqual(waits, [1000, 2000, 4000, 8000]);
    });

    it('waits as long as the host says, within reason', async () => {
      await succeeds(
        await serve(
          answers(429, { 'retry-after': '7' }),
          answers(503, { 'retry-after': '99999' }),
          answers(503, { 'retry-after': 'Thu, 01 Jan 1970 00:00:00 GMT' }),
          honest(),
        ),
      );
      assert.deepEqual(waits, [7000, 120_000, 0]);
    });

    it('does not ask again for what is not there, but elsewhere', async () => {
      const [first, second] = [await serve(answers(404)), await serve()];
      const notices: string[] = [];
      await succeeds([first.url, second.url], { onNotice: (text: string) => notices.push(text) });
      assert.equal(first.requests.length, 1);
      assert.match(notices[0], /the host answers 404 Not Found. Trying another address/);
      await fails([first.url, first.url], /404 Not Found; .*404 Not Found/, ['file']);
      assert.deepEqual(waits, []);
    });

    it('says that the host cannot be reached', async () => {
      await fails(['http://127.0.0.1:9/file'], /Cannot download http:\/\/127\.0\.0\.1:9\/file: .+/);
    });
  });

  describe('of wrong bytes', () => {
    it('leaves none of them behind', async () => {
      const wrong = Buffer.from(content);
      wrong[200_000] ^= 1;
      await fails(await serve(answers(200, {}, wrong)), /md5 [0-9a-f]{32}, expected [0-9a-f]{32}/);
      await fails(await serve(), /sha256 [0-9a-f]{64}, expected 0{64}/, [], { sha256: '0'.repeat(64) });
    });

    it('tells a wrong length before they come', async () => {
      await fails(
        await serve(answers(200, { 'content-length': 5 }, 'short')),
        /announces 5 bytes, expected 300000/,
      );
      const long = answers(200, { 'content-length': 400_000 }, Buffer.alloc(400_000));
      await fails(await serve(long), /announces 400000 bytes/);
    });

    it('stops where more come than were announced by nobody', async () => {
      const endless: Behavior = (_content, _request, response) => {
        response.write(content);
        response.end(content);
      };
      await fails(await serve(endless), /more than the expected 300000 bytes/);
    });

    it('refuses what was packed unasked, and takes an archive that is only called so', async () => {
      const packed = gzipSync(content);
      const headers = { 'content-encoding': 'gzip', 'content-length': packed.length };
      await fails(await serve(answers(200, headers, packed)), /announces \d+ bytes packed as gzip/);
      const misnamed = { 'content-encoding': 'gzip', 'content-length': content.length };
      await succeeds(await serve(answers(200, misnamed, content)));
    });
  });

  it('takes nothing for the file before it is checked', async () => {
    const seen: boolean[] = [];
    await succeeds(await serve(), { onProgress: () => seen.push(existsSync(file())) });
    assert.ok(!seen.includes(true));
  });
});
