import { createReadStream, statSync } from 'node:fs';
import { posix } from 'node:path';
import { Parser, type ReadEntry } from 'tar';
import { UserError } from '../../core/errors';
import type { Progress } from '../dataset';
import type { Member, Source } from '../sources';
import { entryChecker, MemberFile } from './entries';

/** As `unpackArchive`, for a tar archive, packed by gzip or not. */
export async function unpackTar(
  source: Source,
  archive: string,
  folder: string,
  onProgress?: Progress,
): Promise<Member[]> {
  const total = statSync(archive).size;
  const sink: Sink = { folder, members: [], failures: [], open: new Set() };
  const parser = entryParser(source, archive, sink);
  const checkFailures = () => {
    if (sink.failures.length > 0) throw sink.failures[0];
  };
  let done = 0;
  try {
    // Small pieces: the parser holds what each unpacks to, which can be a thousand times as much.
    for await (const chunk of createReadStream(archive, { highWaterMark: 1 << 16 })) {
      parser.write(chunk);
      checkFailures();
      done += chunk.length;
      onProgress?.(done, total, 'unpack');
    }
    parser.end();
    checkFailures();
  } finally {
    for (const file of sink.open) file.close();
  }
  return sink.members;
}

/** The folder that an archive's first entry is in; undefined if there is none. */
export async function firstTarFolder(archive: string): Promise<string | undefined> {
  let folder: string | undefined;
  const parser = new Parser({
    onReadEntry: (entry) => {
      folder ??= posix.normalize(entry.path).split('/')[0];
      entry.resume();
    },
  });
  // What is wrong with the archive is told when it is unpacked.
  parser.on('error', () => {});
  for await (const chunk of createReadStream(archive, { highWaterMark: 1 << 16 })) {
    parser.write(chunk);
    if (folder !== undefined) break;
  }
  return folder;
}

/** Where entries go. The parser works synchronously, so `failures` is up to date whenever its `write` returns. */
interface Sink {
  folder: string;
  members: Member[];
  failures: unknown[];
  /** Files that are being written. */
  open: Set<MemberFile>;
}

const kinds: Record<string, string> = {
  File: 'file',
  OldFile: 'file',
  ContiguousFile: 'file',
  Directory: 'folder',
};

function entryParser(source: Source, archive: string, sink: Sink): Parser {
  const guard = entryChecker(source, archive);
  const parser = new Parser({
    strict: true,
    onReadEntry: (entry) => {
      try {
        const { path, type, size } = entry;
        const name = guard({ path, kind: kinds[type] ?? type, size });
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

function store(entry: ReadEntry, name: string, { folder, members, failures, open }: Sink): void {
  const file = new MemberFile(folder, name);
  open.add(file);
  entry.on('data', (chunk) => {
    try {
      file.write(chunk);
    } catch (error) {
      failures.push(error);
    }
  });
  entry.on('end', () => {
    open.delete(file);
    members.push(file.close());
  });
}

function brokenArchive(archive: string, error: Error): UserError {
  const truncated = /Truncated|unexpected end/.test(error.message);
  const what = truncated ? 'ends too early' : 'is not a readable tar archive';
  return new UserError(
    `${archive} ${what} (${error.message}; the file has ${statSync(archive).size} bytes). Fetch it again and run again.`,
  );
}
