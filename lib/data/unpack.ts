import { createHash } from 'node:crypto';
import { closeSync, createReadStream, openSync, statSync, writeSync } from 'node:fs';
import { basename, join, posix } from 'node:path';
import { Parser, type ReadEntry } from 'tar';
import { UserError } from '../errors';
import type { Member, Source } from './sources';

export type Progress = (done: number, total: number) => void;

export interface Unpacked {
  /** md5 of the archive itself. */
  archiveMd5: string;
  members: Member[];
}

/**
 * Unpacks the files that a dataset needs from a tar archive, packed by gzip or not, into `folder`; others are
 * passed over. Reads the archive once, in a stream.
 * @throws UserError where it is no tar archive or a broken one, where a path leaves the dataset's folder, where
 * it holds a link, or more bytes than the dataset has.
 */
export async function unpackTar(
  source: Source,
  archive: string,
  folder: string,
  onProgress?: Progress,
): Promise<Unpacked> {
  const total = statSync(archive).size;
  const hash = createHash('md5');
  const sink: Sink = { folder, members: [], failures: [], open: new Set() };
  const parser = entryParser(source, archive, sink);
  const checkFailures = () => {
    if (sink.failures.length > 0) throw sink.failures[0];
  };
  let done = 0;
  try {
    for await (const chunk of createReadStream(archive, { highWaterMark: 1 << 20 })) {
      hash.update(chunk);
      parser.write(chunk);
      checkFailures();
      done += chunk.length;
      onProgress?.(done, total);
    }
    parser.end();
    checkFailures();
  } finally {
    for (const file of sink.open) closeSync(file);
  }
  return { archiveMd5: hash.digest('hex'), members: sink.members };
}

/** Where entries go. The parser works synchronously, so `failures` is up to date whenever its `write` returns. */
interface Sink {
  folder: string;
  members: Member[];
  failures: unknown[];
  /** Files that are being written. */
  open: Set<number>;
}

function entryParser(source: Source, archive: string, sink: Sink): Parser {
  const guard = entryGuard(source, archive);
  const parser = new Parser({
    strict: true,
    onReadEntry: (entry) => {
      try {
        const name = guard(entry);
        if (name) return store(entry, name, sink);
      } catch (error) {
        sink.failures.push(error);
      }
      entry.resume();
    },
  });
  parser.on('error', (error) => sink.failures.push(brokenArchive(archive, error)));
  return parser;
}

/** Tells for each entry which file it becomes, if any, and refuses what no honest archive of the dataset holds. */
function entryGuard(source: Source, archive: string): (entry: ReadEntry) => string | undefined {
  const known = [...source.members.map(({ name }) => name), ...source.extras];
  const slack = 1 << 20;
  const limit = source.members.reduce((sum, { bytes }) => sum + bytes, slack);
  const seen = new Set<string>();
  let total = 0;
  return ({ path, type, size }) => {
    const place = posix.normalize(path.replaceAll('\\', '/'));
    if (place.startsWith('../') || posix.isAbsolute(place) || /^[a-z]:/i.test(place)) {
      throw new UserError(
        `${archive} holds '${path}', which leaves the folder. It was not unpacked; ${wayOut(source)}`,
      );
    }
    if (type !== 'File' && type !== 'OldFile' && type !== 'Directory') {
      throw new UserError(`${archive} holds '${path}', a ${type}. It was not unpacked; ${wayOut(source)}`);
    }
    total += size;
    if (total > limit) {
      throw new UserError(
        `${archive} unpacks to more than the ${limit} bytes that ${source.title} can have. It was not unpacked; ${wayOut(source)}`,
      );
    }
    const name = basename(place);
    if (type === 'Directory' || posix.dirname(place) !== source.folder || !known.includes(name))
      return undefined;
    if (seen.has(name))
      throw new UserError(`${archive} holds '${path}' twice. It was not unpacked; ${wayOut(source)}`);
    seen.add(name);
    return name;
  };
}

function store(entry: ReadEntry, name: string, { folder, members, failures, open }: Sink): void {
  const file = openSync(join(folder, name), 'wx');
  open.add(file);
  const hash = createHash('md5');
  let bytes = 0;
  entry.on('data', (chunk) => {
    try {
      for (let at = 0; at < chunk.length; ) at += writeSync(file, chunk, at);
      hash.update(chunk);
      bytes += chunk.length;
    } catch (error) {
      failures.push(error);
    }
  });
  entry.on('end', () => {
    closeSync(file);
    open.delete(file);
    members.push({ name, bytes, md5: hash.digest('hex') });
  });
}

function brokenArchive(archive: string, error: Error): UserError {
  const truncated = /Truncated|unexpected end/.test(error.message);
  const what = truncated ? 'ends too early' : 'is not a readable tar archive';
  return new UserError(
    `${archive} ${what} (${error.message}; the file has ${statSync(archive).size} bytes). Fetch it again and run again.`,
  );
}

function wayOut({ archive }: Source): string {
  return `use the publisher's ${archive.file} (${archive.bytes} bytes, md5 ${archive.md5}).`;
}
