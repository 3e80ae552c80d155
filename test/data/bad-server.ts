import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Behavior = (content: Buffer, request: IncomingMessage, response: ServerResponse) => void;

/** A server on this machine that does something else at each request, as told; the last of it for ever. */
export class BadServer {
  readonly requests: IncomingMessage[] = [];
  readonly url: string;

  private constructor(
    private readonly server: ReturnType<typeof createServer>,
    public content: Buffer,
    public behaviors: Behavior[],
  ) {
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/file`;
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      this.requests.push(request);
      const behave = this.behaviors.length > 1 ? this.behaviors.shift() : this.behaviors[0];
      behave?.(this.content, request, response);
    });
  }

  static async start(content: Buffer, ...behaviors: Behavior[]): Promise<BadServer> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new BadServer(server, content, behaviors.length > 0 ? behaviors : [honest()]);
  }

  /** The Range headers of all requests. */
  get ranges(): (string | undefined)[] {
    return this.requests.map(({ headers }) => headers.range);
  }

  stop(): void {
    this.server.close();
    this.server.closeAllConnections();
  }
}

/** As a good server does it: with Range, If-Range and an ETag. */
export function honest(etag = '"1"'): Behavior {
  return (content, request, response) => {
    const start = wantedStart(request, etag);
    response.writeHead(start > 0 ? 206 : 200, {
      etag,
      'content-length': content.length - start,
      ...(start > 0 && { 'content-range': `bytes ${start}-${content.length - 1}/${content.length}` }),
    });
    response.end(content.subarray(start));
  };
}

function wantedStart({ headers }: IncomingMessage, etag: string): number {
  if (headers['if-range'] !== undefined && headers['if-range'] !== etag) return 0;
  return Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1] ?? 0);
}

/** Closes the connection after so many bytes of what it announced. */
export function cutsAfter(count: number, etag?: string): Behavior {
  return stopsAfter(count, etag, (response) => response.destroy());
}

/** Sends a byte every few milliseconds. */
export const trickles: Behavior = (content, request, response) => {
  response.end = ((rest: Buffer) => {
    response.flushHeaders();
    let sent = 0;
    const timer = setInterval(() => response.write(rest.subarray(sent, ++sent)), 5);
    response.on('close', () => clearInterval(timer));
    return response;
  }) as typeof response.end;
  honest()(content, request, response);
};

/** Sends so many bytes and then nothing more. */
export function stallsAfter(count: number): Behavior {
  return stopsAfter(count, undefined, () => {});
}

function stopsAfter(
  count: number,
  etag: string | undefined,
  stop: (response: ServerResponse) => void,
): Behavior {
  return (content, request, response) => {
    const end = response.end.bind(response);
    response.end = ((rest: Buffer) => {
      if (rest.length <= count) return end(rest);
      // Headers alone would wait for the first bytes.
      response.flushHeaders();
      return response.write(rest.subarray(0, count), () => stop(response));
    }) as typeof response.end;
    honest(etag)(content, request, response);
  };
}

/** Sends the whole file whatever part of it was asked for. */
export function ignoresRange(then: Behavior = honest()): Behavior {
  return (content, request, response) => {
    delete request.headers.range;
    then(content, request, response);
  };
}

/** These headers and this content, whatever was asked for. */
export function answers(
  status: number,
  headers: Record<string, string | number> = {},
  body: Buffer | string = '',
): Behavior {
  return (_content, _request, response) => {
    response.writeHead(status, headers);
    response.end(body);
  };
}

export const redirectsTo = (location: string): Behavior => answers(302, { location });
