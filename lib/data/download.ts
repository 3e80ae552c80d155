import { createHash } from 'node:crypto';
import { createWriteStream, mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { UserError } from '../errors';

export interface Download {
  url: string;
  /** Where the finished file goes; until it is checked it has `.part` at its end. */
  file: string;
  bytes: number;
  md5: string;
  sha256?: string;
  /** How long to wait for the next bytes, in milliseconds. */
  patience?: number;
  onProgress?: (done: number, total: number) => void;
}

/**
 * Downloads a file, checks its length and sums, and only then gives it its name.
 * @throws UserError where the host cannot be reached, answers with an error, falls silent or sends other bytes;
 * nothing is left behind then.
 */
export async function downloadFile(download: Download): Promise<void> {
  const { url, file } = download;
  const part = `${file}.part`;
  mkdirSync(dirname(file), { recursive: true });
  try {
    checkSums(download, await receive(download, part));
    renameSync(part, file);
  } catch (error) {
    rmSync(part, { force: true });
    throw error instanceof UserError
      ? error
      : new UserError(`Cannot download ${url}: ${reason(error)}. ${wayOut}`);
  }
}

interface Sums {
  bytes: number;
  md5: string;
  sha256: string;
}

const wayOut =
  'Check the network and run again, or fetch the file by another way and run with --from <archive or folder>.';

async function receive(
  { url, bytes: total, patience = 15_000, onProgress }: Download,
  part: string,
): Promise<Sums> {
  const abort = new AbortController();
  const giveUp = () => abort.abort(new Error(`no bytes for ${patience / 1000} seconds`));
  let timer = setTimeout(giveUp, patience);
  const [md5, sha256] = [createHash('md5'), createHash('sha256')];
  let bytes = 0;
  const check = async function* (chunks: AsyncIterable<Uint8Array>) {
    for await (const chunk of chunks) {
      clearTimeout(timer);
      timer = setTimeout(giveUp, patience);
      bytes += chunk.length;
      if (bytes > total) throw new Error(`more than the expected ${total} bytes came`);
      for (const hash of [md5, sha256]) hash.update(chunk);
      onProgress?.(bytes, total);
      yield chunk;
    }
  };
  try {
    const response = await fetch(url, { signal: abort.signal });
    if (!response.ok || !response.body)
      throw new Error(`the host answers ${response.status} ${response.statusText}`);
    await writeTo(part, Readable.fromWeb(response.body as ReadableStream<Uint8Array>), check);
  } finally {
    clearTimeout(timer);
  }
  return { bytes, md5: md5.digest('hex'), sha256: sha256.digest('hex') };
}

/** Settles only when the file is closed: until then it could still be made after the caller has removed it. */
async function writeTo(
  part: string,
  source: Readable,
  check: (chunks: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>,
): Promise<void> {
  const writer = createWriteStream(part);
  const closed = new Promise<void>((resolve) => writer.once('close', () => resolve()));
  try {
    await pipeline(source, check, writer);
  } finally {
    writer.destroy();
    await closed;
  }
}

function checkSums({ url, bytes, md5, sha256 }: Download, found: Sums): void {
  const wrong =
    (found.bytes !== bytes && `${found.bytes} bytes, expected ${bytes}`) ||
    (found.md5 !== md5 && `md5 ${found.md5}, expected ${md5}`) ||
    (sha256 && found.sha256 !== sha256 && `sha256 ${found.sha256}, expected ${sha256}`);
  if (wrong) throw new UserError(`${url} sent ${wrong}. The file was removed. ${wayOut}`);
}

/** fetch hides what happened in the cause of its error; an address that resolves to several hosts has several. */
function reason(error: unknown): string {
  const { message, cause } = error as Error & { cause?: NodeJS.ErrnoException };
  return cause ? `${message} (${cause.code ?? cause.message})` : message;
}
