import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { UserError } from '../core/errors';
import { systemCode, writingFailed } from '../core/files';
import { megabytes } from '../core/text';
import type { Progress } from './dataset';
import { HostFailure, requestFile } from './http-request';
import { PartFile } from './part-file';
import { fileSums, type Sums, sumProblem } from './sums';

export interface TransferOptions {
  /** How long to wait for the next bytes, in milliseconds. */
  timeoutMs?: number;
  /** A host that sends fewer bytes than this in that many milliseconds has stalled. */
  minRate?: { bytes: number; milliseconds: number };
  /** How many times in a row a host may fail without a new byte before it is given up. */
  failures?: number;
  wait?: (milliseconds: number) => Promise<unknown>;
  onProgress?: Progress;
  /** Hears, in one sentence, why the download begins again or elsewhere. */
  onNotice?: (text: string) => void;
}

export interface Download extends TransferOptions, Sums {
  /** The same file at one or more addresses, the best first. */
  urls: readonly string[];
  /** Where the finished file goes; until it is checked it has `.part` at its end. */
  file: string;
  /** Another way to the file, a sentence for the error if no address gives it. */
  otherWay?: string;
}

const longestWait = 120_000;
/** 1 kB/s. */
const minUsefulRate = { bytes: 300_000, milliseconds: 300_000 };

/**
 * Downloads a file, checks its length and sums, and only then gives it its name. What breaks off goes on from where
 * it was, also when run again; hosts that fail are asked again after 1, 2, 4 ... seconds, or as long as they say,
 * each in turn.
 * @throws UserError if no address gives the file, or the disk does not take it: what came of it is kept in `.part`
 * for the next run, unless its bytes are wrong.
 */
export async function downloadFile(download: Download): Promise<void> {
  mkdirSync(dirname(download.file), { recursive: true });
  const part = new PartFile(download.file);
  const failed: string[] = [];
  for (const url of download.urls) {
    const failure = await downloadFrom(url, part, download);
    if (!failure) return part.finish();
    failed.push(`${url}: ${failure}`);
    if (failed.length < download.urls.length)
      download.onNotice?.(`${failed.at(-1)}. Trying another address.`);
  }
  const sentences = [
    `Cannot download ${failed.join('; ')}.`,
    keptMessage(part, download),
    'Check the network and run again.',
    download.otherWay,
  ];
  throw new UserError(sentences.filter(Boolean).join(' '));
}

/** Tries one address for as long as that makes sense; gives what is wrong with it, or nothing when the file is there. */
async function downloadFrom(url: string, part: PartFile, download: Download): Promise<string | undefined> {
  const { failures: allowed = 5, wait = sleep, onNotice } = download;
  let [failures, farthest, mixed] = [0, part.bytes, false];
  while (true) {
    const before = part.bytes;
    try {
      await receive(url, part, download);
      const problem = await partProblem(part, download);
      if (!problem) return undefined;
      part.remove();
      // Pieces of two versions may have met, once; a file that came in one piece will not be another next time.
      if (before === 0 || mixed) return `sent ${problem}. These bytes were removed`;
      mixed = true;
      onNotice?.(`The pieces from ${url} have ${problem}: beginning anew`);
    } catch (error) {
      if (isOfDisk(error)) throw diskFailure(error, part, download);
      const { kind, more } = asFailure(error);
      if (more.restart) part.remove();
      failures = part.bytes > farthest && !more.slow ? 1 : failures + 1;
      farthest = Math.max(farthest, part.bytes);
      if (kind === 'permanent' || failures >= allowed) return reason(error);
      const delay = Math.min(more.retryAfter ?? 1000 * 2 ** (failures - 1), longestWait);
      onNotice?.(`${reason(error)}; trying again in ${Math.ceil(delay / 1000)} s`);
      await wait(delay);
    }
  }
}

/** Adds what is missing of the file to its part. */
async function receive(url: string, part: PartFile, download: Download): Promise<void> {
  const { bytes: total, timeoutMs = 30_000, minRate = minUsefulRate, onProgress } = download;
  if (part.bytes > total) part.remove();
  if (part.bytes === total) return;
  const validator = part.origin?.url === url ? part.origin.validator : undefined;
  const answer = await requestFile({ url, bytes: total, start: part.bytes, validator, timeoutMs });
  let done = answer.start;
  const checkRate = rateCheck(minRate);
  const counted = async function* () {
    for await (const chunk of answer.body) {
      done += chunk.length;
      if (done > total) {
        throw new HostFailure(`more than the expected ${total} bytes came`, 'permanent', { restart: true });
      }
      onProgress?.(done, total, 'download');
      yield chunk;
      checkRate(chunk.length);
    }
  };
  await part.receive(answer.start, { url, validator: answer.validator }, counted());
  if (done < total)
    throw new HostFailure(`the connection ended after ${done} of ${total} bytes`, 'temporary');
}

/** Is told of each piece that came. @throws HostFailure where too little came in the last stretch of time. */
function rateCheck({
  bytes,
  milliseconds,
}: {
  bytes: number;
  milliseconds: number;
}): (count: number) => void {
  let [since, came] = [Date.now(), 0];
  return (count) => {
    came += count;
    const passed = Date.now() - since;
    if (passed < milliseconds) return;
    if (came < bytes) {
      throw new HostFailure(`only ${came} bytes came in ${Math.round(passed / 1000)} s`, 'temporary', {
        slow: true,
      });
    }
    [since, came] = [Date.now(), 0];
  };
}

async function partProblem(
  part: PartFile,
  { onProgress, ...expected }: Download,
): Promise<string | undefined> {
  let done = 0;
  const onBytes = (count: number) => {
    done += count;
    onProgress?.(done, expected.bytes, 'check');
  };
  const sha256 = expected.sha256 !== undefined;
  return sumProblem(expected, await fileSums(part.path, { sha256, onBytes }));
}

/** Other errors are of the network; most pass, an unknown host or a certificate that is not trusted does not. */
function asFailure(error: unknown): Pick<HostFailure, 'kind' | 'more'> {
  if (error instanceof HostFailure) return error;
  const { code = '' } = error as NodeJS.ErrnoException;
  return { kind: /^ENOTFOUND$|CERT|TLS/.test(code) ? 'permanent' : 'temporary', more: {} };
}

function isOfDisk(error: unknown): boolean {
  const { path } = error as NodeJS.ErrnoException;
  const code = systemCode(error) ?? '';
  return path !== undefined || ['ENOSPC', 'EDQUOT', 'EROFS', 'EIO', 'EFBIG'].includes(code);
}

function diskFailure(error: unknown, part: PartFile, download: Download): UserError {
  const { message } = writingFailed(part.path, error);
  return new UserError(`${message} ${keptMessage(part, download)}`.trim());
}

/** An address that resolves to several hosts has several errors, and then no message of its own. */
function reason(error: unknown): string {
  const { message, code } = error as NodeJS.ErrnoException;
  return message || code || String(error);
}

function keptMessage(part: PartFile, { bytes }: Download): string {
  if (part.bytes === 0) {
    part.remove();
    return '';
  }
  return `${megabytes(part.bytes)} of ${megabytes(bytes)} are kept in ${part.path}; the next run resumes there.`;
}
