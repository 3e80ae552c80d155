import { type Agent, get as getHttp, type IncomingMessage } from 'node:http';
import { get as getHttps } from 'node:https';
import { HttpProxyAgent } from 'http-proxy-agent';
import { HttpsProxyAgent } from 'https-proxy-agent';
import { getProxyForUrl } from 'proxy-from-env';

/** Bytes of a file from `start` on, as a host sends them. */
export interface Answer {
  body: IncomingMessage;
  start: number;
  /** What says that a later answer is of the same file: a strong ETag, else the date of the last change. */
  validator?: string;
}

export interface Request {
  url: string;
  /** Length of the whole file. */
  bytes: number;
  /** Bytes that are there already. */
  start: number;
  validator?: string;
  /** How long to wait for the next bytes, in milliseconds. */
  timeoutMs: number;
}

/** What a host did wrong, and what it leaves to do. */
export class HostFailure extends Error {
  constructor(
    message: string,
    readonly kind: 'temporary' | 'permanent',
    readonly more: { retryAfter?: number; restart?: boolean; slow?: boolean } = {},
  ) {
    super(message);
  }
}

const redirectLimit = 5;
const temporaryStatus = [408, 425, 429, 500, 502, 503, 504];

/**
 * Asks for a file, from `start` on where the host can, by the proxy that the environment names. Bytes come as they are: what a host packs unasked is not
 * unpacked, as `fetch` would, since an archive sent with the wrong header would then no longer have its sums.
 * @throws HostFailure where the answer cannot be the file; an error of the network as Node gives it.
 */
export async function requestFile(request: Request): Promise<Answer> {
  let url = new URL(request.url);
  for (let redirects = 0; redirects <= redirectLimit; redirects++) {
    const response = await send(url, request);
    const { statusCode = 0, headers } = response;
    if (statusCode < 300 || statusCode >= 400 || !headers.location) return checked(response, request);
    response.destroy();
    url = redirected(url, headers.location);
  }
  throw new HostFailure(`more than ${redirectLimit} redirects`, 'permanent');
}

function send(url: URL, { start, validator, timeoutMs }: Request): Promise<IncomingMessage> {
  const range = start > 0 ? { range: `bytes=${start}-`, ...(validator && { 'if-range': validator }) } : {};
  const agent = proxyFor(url);
  const headers = { 'accept-encoding': 'identity', 'user-agent': 'mnn-kit', ...range };
  return new Promise((resolve, reject) => {
    const get = url.protocol === 'https:' ? getHttps : getHttp;
    let waitedFor: { destroy(error: Error): void };
    const request = get(url, { headers, timeout: timeoutMs, agent }, (response) => {
      waitedFor = response;
      resolve(response);
    });
    waitedFor = request;
    request.on('error', reject);
    request.on('timeout', () => waitedFor.destroy(new Error(`no bytes for ${timeoutMs / 1000} seconds`)));
  });
}

/** The proxy that HTTPS_PROXY, HTTP_PROXY or ALL_PROXY name for an address; false for the straight way. */
function proxyFor(url: URL): Agent | false {
  const isThisMachine = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname);
  const proxy = isThisMachine ? '' : getProxyForUrl(url.href);
  if (!proxy) return false;
  if (!URL.canParse(proxy) || !/^https?:/.test(proxy)) {
    throw new HostFailure(
      `the proxy ${proxy} in the environment is not an address like http://proxy:3128`,
      'permanent',
    );
  }
  return url.protocol === 'https:' ? new HttpsProxyAgent(proxy) : new HttpProxyAgent(proxy);
}

/** A plain connection may lead to a safe one, never the other way round, and nothing leads out of the web. */
function redirected(from: URL, location: string): URL {
  const to = URL.canParse(location, from.href) ? new URL(location, from) : undefined;
  const allowed = to && (to.protocol === 'https:' || (to.protocol === 'http:' && from.protocol === 'http:'));
  if (!allowed) throw new HostFailure(`a redirect from ${from} to ${location} is not followed`, 'permanent');
  return to;
}

function checked(response: IncomingMessage, request: Request): Answer {
  try {
    const start = response.statusCode === 206 ? rangeStart(response, request) : wholeFile(response);
    checkLength(response, request.bytes, start);
    return { body: response, start, validator: validatorOf(response) };
  } catch (error) {
    response.destroy();
    throw error;
  }
}

function wholeFile({ statusCode = 0, statusMessage, headers }: IncomingMessage): number {
  if (statusCode === 200) return 0;
  const kind = temporaryStatus.includes(statusCode) || statusCode === 416 ? 'temporary' : 'permanent';
  throw new HostFailure(`the host answers ${statusCode} ${statusMessage}`, kind, {
    retryAfter: retryAfter(headers['retry-after']),
    restart: statusCode === 416,
  });
}

function rangeStart({ headers }: IncomingMessage, { start, bytes }: Request): number {
  const given = headers['content-range'] ?? 'nothing';
  const [, from, total] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(given) ?? [];
  if (Number(from) === start && (total === '*' || Number(total) === bytes)) return start;
  throw new HostFailure(`asked for bytes from ${start} of ${bytes}, the host sends '${given}'`, 'temporary', {
    restart: true,
  });
}

function checkLength({ headers }: IncomingMessage, bytes: number, start: number): void {
  const length = headers['content-length'];
  const encoding = headers['content-encoding'] ?? 'identity';
  if (Number(length) === bytes - start || (length === undefined && encoding === 'identity')) return;
  const what = length === undefined ? 'an unknown number of' : length;
  const packed = encoding === 'identity' ? '' : ` packed as ${encoding}`;
  throw new HostFailure(`the host announces ${what} bytes${packed}, expected ${bytes - start}`, 'permanent');
}

function validatorOf({ headers }: IncomingMessage): string | undefined {
  const { etag } = headers;
  return etag && !etag.startsWith('W/') ? etag : headers['last-modified'];
}

/** Milliseconds that a host wants to be left in peace: a number of seconds or a date. */
function retryAfter(header: string | undefined): number | undefined {
  if (header === undefined) return undefined;
  const wait = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Number.isFinite(wait) ? Math.max(0, wait) : undefined;
}
