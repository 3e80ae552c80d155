import { createHash } from 'node:crypto';
import {
  closeSync,
  createReadStream,
  existsSync,
  mkdirSync,
  openSync,
  statSync,
  truncateSync,
} from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { writeAll, writingFailed } from '../../core/files';
import { acquireRunLock, type RunLock, RunLockedError } from '../../core/lock';
import type { Progress, StoredShapes } from '../dataset';
import { type DecodedImage, decodeImage, decoder } from './decode';
import type { ImageFile } from './scan';

/** Bytes of a digest: the first of the SHA-256 of an image's width, height and pixels. */
const digestBytes = 16;

/** The decoded images of a folder, in the order of its files. */
export interface KeptPixels {
  /** The file that holds them. */
  file: string;
  shapes: StoredShapes;
  /** Of each image and channel the sum of its values and of their squares: red, green, blue, then the squares. */
  sums: Float64Array;
  /** Why images cannot be used, by their place; their shape is 0 x 0. */
  broken: Map<number, string>;
}

/*
 * Two files that only grow: `images.pixels`, the images one after the other, and `images.index`, a line of JSON for
 * each: path, length and time of its file, then its place, shape, digest and sums, or why it is broken. A line is
 * written after its pixels, so that whatever ends the work, all lines that are whole count: what was decoded is not
 * decoded again. The first line says by what and to which size images are decoded.
 */

type Line =
  | [
      path: string,
      bytes: number,
      modified: number,
      place: number,
      width: number,
      height: number,
      digest: string,
      sums: number[],
    ]
  | [path: string, bytes: number, modified: number, reason: string];

/** Images that are decoded at once: enough to keep the decoder's threads busy. */
const atOnce = 16;
/** Bytes of pixels that are written at once. */
const writtenAtOnce = 4 << 20;

/**
 * The pixels of a folder's images, taken from the cache in `cache` as far as their files have not changed, and decoded
 * and kept there otherwise.
 * @param onProgress called with how many of the images to decode are done.
 * @throws UserError if the cache cannot be written.
 */
export async function keptPixels(
  folder: string,
  files: readonly ImageFile[],
  { cache, size, onProgress }: { cache: string; size: number; onProgress?: Progress },
): Promise<KeptPixels> {
  const header = JSON.stringify({ format: 1, decoder: await decoder(), size });
  let kept = await readIndex(cache, files, header);
  if (kept.missing.length === 0) return kept;
  const lock = await untilOurs(cache);
  try {
    // Another process may have decoded them while we waited.
    kept = await readIndex(cache, files, header);
    if (isMostlyLeft(kept)) kept = emptied(kept, files.length);
    if (kept.missing.length > 0)
      await decodeMissing(folder, files, kept, { cache, header, size, onProgress });
    return kept;
  } finally {
    lock.release();
  }
}

interface FoundPixels extends KeptPixels {
  /** Places of the images that are not in the cache. */
  missing: number[];
  /** Bytes of both files that count; more is left of a writer that was killed. */
  ends: { pixels: number; index: number };
}

async function readIndex(cache: string, files: readonly ImageFile[], header: string): Promise<FoundPixels> {
  const [file, index] = [join(cache, 'images.pixels'), join(cache, 'images.index')];
  const found: FoundPixels = {
    file,
    ...room(files.length),
    broken: new Map(),
    missing: [],
    ends: { pixels: 0, index: 0 },
  };
  const seen = new Uint8Array(files.length);
  if (existsSync(index) && existsSync(file)) {
    const places = new Map(files.map(({ path }, i) => [path, i]));
    const length = statSync(file).size;
    let isFirst = true;
    for await (const text of createInterface({ input: createReadStream(index), crlfDelay: Infinity })) {
      const line = isFirst ? undefined : parsed(text);
      if (isFirst ? text !== header : line === undefined) break;
      isFirst = false;
      found.ends.index += Buffer.byteLength(text) + 1;
      if (!line) continue;
      const end = line.length === 4 ? 0 : line[3] + line[4] * line[5] * 3;
      if (end > length) break;
      found.ends.pixels = Math.max(found.ends.pixels, end);
      const place = places.get(line[0]);
      if (place === undefined || files[place].bytes !== line[1] || files[place].modified !== line[2])
        continue;
      seen[place] = 1;
      take(found, place, line);
    }
  }
  for (let place = 0; place < files.length; place++) if (!seen[place]) found.missing.push(place);
  return found;
}

/** Whether more than half of the pixels are of images that have changed or gone since. */
function isMostlyLeft({ ends, shapes }: FoundPixels): boolean {
  const used = shapes.widths.reduce((sum, width, i) => sum + width * shapes.heights[i] * 3, 0);
  return ends.pixels > 2 * used + (64 << 20);
}

/** The same cache as if nothing were in it, to be filled anew. */
function emptied({ file }: FoundPixels, count: number): FoundPixels {
  const missing = Array.from({ length: count }, (_, i) => i);
  return { file, ...room(count), broken: new Map(), missing, ends: { pixels: 0, index: 0 } };
}

/** A line that was cut short counts no more than one that is not there. */
function parsed(text: string): Line | undefined {
  try {
    const line = JSON.parse(text);
    return Array.isArray(line) && (line.length === 4 || line.length === 8) ? (line as Line) : undefined;
  } catch {
    return undefined;
  }
}

function room(count: number): Pick<KeptPixels, 'shapes' | 'sums'> {
  const shared = (bytes: number) => new SharedArrayBuffer(count * bytes);
  return {
    shapes: {
      offsets: new Float64Array(shared(8)),
      widths: new Uint16Array(shared(2)),
      heights: new Uint16Array(shared(2)),
      digests: new Uint8Array(shared(digestBytes)),
    },
    sums: new Float64Array(count * 6),
  };
}

function take({ shapes, sums, broken }: KeptPixels, place: number, line: Line): void {
  if (line.length === 4) {
    broken.set(place, line[3]);
    return;
  }
  const [, , , offset, width, height, digest, ofChannels] = line;
  broken.delete(place);
  shapes.offsets[place] = offset;
  shapes.widths[place] = width;
  shapes.heights[place] = height;
  shapes.digests.set(Buffer.from(digest, 'base64'), place * digestBytes);
  sums.set(ofChannels, place * 6);
}

/** Waits for a process that decodes the same images: it does what is needed here. */
async function untilOurs(cache: string): Promise<RunLock> {
  try {
    mkdirSync(cache, { recursive: true });
  } catch (error) {
    throw writingFailed(cache, error);
  }
  for (;;) {
    try {
      return acquireRunLock(cache);
    } catch (error) {
      if (!(error instanceof RunLockedError)) throw error;
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
  }
}

async function decodeMissing(
  folder: string,
  files: readonly ImageFile[],
  kept: FoundPixels,
  { cache, header, size, onProgress }: { cache: string; header: string; size: number; onProgress?: Progress },
): Promise<void> {
  const writer = new Writer(cache, header, kept);
  const { missing } = kept;
  let next = 0;
  let done = 0;
  const decodeSome = async () => {
    while (next < missing.length) {
      const place = missing[next++];
      const { path, bytes, modified } = files[place];
      const image = await decodeImage(folder, path, size).catch((error: Error) => error.message);
      take(kept, place, writer.add([path, bytes, modified], image));
      onProgress?.(++done, missing.length);
    }
  };
  try {
    await Promise.all(Array.from({ length: atOnce }, decodeSome));
    writer.flush();
  } finally {
    // After a failure the others have nothing more to take up.
    next = missing.length;
    writer.close();
  }
}

/** Adds to the two files, the pixels first. */
class Writer {
  private readonly pixels: number;
  private readonly index: number;
  private end: number;
  private chunks: Uint8Array[] = [];
  private lines: string[] = [];
  private waiting = 0;

  constructor(
    private readonly cache: string,
    header: string,
    { ends }: FoundPixels,
  ) {
    try {
      this.pixels = openAt(join(cache, 'images.pixels'), ends.pixels);
      this.index = openAt(join(cache, 'images.index'), ends.index);
    } catch (error) {
      throw writingFailed(cache, error);
    }
    this.end = ends.pixels;
    if (ends.index === 0) this.lines.push(header);
  }

  /** @param image the decoded image, or why there is none. */
  add(known: [path: string, bytes: number, modified: number], image: DecodedImage | string): Line {
    const line: Line = typeof image === 'string' ? [...known, image] : this.withPixels(known, image);
    this.lines.push(JSON.stringify(line));
    if (this.waiting >= writtenAtOnce || this.lines.length >= 4096) this.flush();
    return line;
  }

  private withPixels(known: [path: string, bytes: number, modified: number], image: DecodedImage): Line {
    const { pixels, width, height } = image;
    const hash = createHash('sha256').update(`${width} ${height} `).update(pixels);
    const digest = hash.digest().subarray(0, digestBytes).toString('base64');
    const line: Line = [...known, this.end, width, height, digest, channelSums(pixels)];
    this.chunks.push(pixels);
    this.end += pixels.length;
    this.waiting += pixels.length;
    return line;
  }

  flush(): void {
    try {
      if (this.chunks.length > 0) writeAll(this.pixels, Buffer.concat(this.chunks));
      if (this.lines.length > 0) writeAll(this.index, Buffer.from(`${this.lines.join('\n')}\n`));
    } catch (error) {
      throw writingFailed(this.cache, error);
    }
    this.chunks = [];
    this.lines = [];
    this.waiting = 0;
  }

  close(): void {
    closeSync(this.pixels);
    closeSync(this.index);
  }
}

/** Opens a file to add to it, without what follows `end`. */
function openAt(path: string, end: number): number {
  if (existsSync(path)) truncateSync(path, end);
  return openSync(path, 'a');
}

/** Exact in double precision: an image has at most 2^28 pixels. */
function channelSums(pixels: Uint8Array): number[] {
  const sums = [0, 0, 0, 0, 0, 0];
  for (let channel = 0; channel < 3; channel++) {
    let sum = 0;
    let squares = 0;
    for (let i = channel; i < pixels.length; i += 3) {
      const value = pixels[i];
      sum += value;
      squares += value * value;
    }
    sums[channel] = sum;
    sums[3 + channel] = squares;
  }
  return sums;
}
