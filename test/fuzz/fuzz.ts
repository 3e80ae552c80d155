import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { CommanderError } from 'commander';
import { UserError } from '../../lib/core/errors';
import { randomStream } from '../../lib/core/random';
import { mutate, pick, type Stretch } from './mutations';

/** Something that reads files of users. */
export interface Reader {
  /** Its files, by their paths in a folder of its own, whole. */
  files: () => Promise<Record<string, Buffer>> | Record<string, Buffer>;
  /** Reads the folder; a reader of single files reads the one of them that may be damaged. */
  read: (folder: string, file: string) => unknown;
  /** Where in a whole file damage does most. */
  structure?: (whole: Buffer) => Stretch[];
  /** Whether damaged files keep their length. */
  sameLength?: boolean;
  /** Mends in a damaged file what would make all be refused at the same place, such as a checksum. */
  mend?: (damaged: Buffer, whole: Buffer) => Buffer;
}

/** What came of reading damaged files. */
export interface Outcome {
  accepted: number;
  refused: number;
  /** Of the slowest read. */
  milliseconds: number;
  /** What must not happen, and on which file: other errors, slow reads, much memory. */
  findings: { mutation: number; file: string; what: string }[];
}

const longestMilliseconds = 2000;
/** By which the process may become larger, above what it is before the first read. */
const maxBytes = 1e9;

/**
 * Lets a reader read damaged copies of its files, one file damaged at a time.
 * @param folder an empty one, for its files; next to it the reader must not write.
 * @throws what the reader throws of a whole file.
 */
export async function fuzz(
  reader: Reader,
  folder: string,
  mutations: number,
  seed: number,
): Promise<Outcome> {
  const outcome: Outcome = { accepted: 0, refused: 0, milliseconds: 0, findings: [] };
  const files = await reader.files();
  const inside = join(folder, 'inside');
  writeFiles(inside, files);
  for (const file of Object.keys(files)) await reader.read(inside, file);
  const before = process.memoryUsage.rss();
  for (let mutation = 0; mutation < mutations; mutation++) {
    const random = randomStream(seed, 'order', mutation);
    const file = pick(Object.keys(files), random);
    const find = (what: string) => outcome.findings.push({ mutation, file, what });
    writeFileSync(join(inside, file), damaged(reader, files[file], random));
    const start = performance.now();
    const peak = peakBytes();
    try {
      await reader.read(inside, file);
      outcome.accepted++;
    } catch (error) {
      if (error instanceof UserError || error instanceof CommanderError) outcome.refused++;
      else find(String((error as Error).stack));
    }
    const milliseconds = performance.now() - start;
    outcome.milliseconds = Math.max(outcome.milliseconds, milliseconds);
    if (milliseconds > longestMilliseconds) find(`took ${milliseconds.toFixed(0)} ms`);
    // The peak of the whole process: only a read that raised it took the memory.
    const now = peakBytes();
    if (now > peak && now - before > maxBytes) find(`the process took ${(now / 1e6).toFixed(0)} MB`);
    writeFileSync(join(inside, file), files[file]);
  }
  const around = readdirSync(folder);
  if (around.length > 1)
    outcome.findings.push({ mutation: -1, file: around.join(), what: 'written outside' });
  return outcome;
}

/** The most memory that the process has had resident. */
export function peakBytes(): number {
  return process.resourceUsage().maxRSS * 1024;
}

function damaged(
  { structure, sameLength, mend }: Reader,
  whole: Buffer,
  random: ReturnType<typeof randomStream>,
): Buffer {
  const bytes = mutate(whole, random, { structure: structure?.(whole), sameLength });
  return mend?.(bytes, whole) ?? bytes;
}

function writeFiles(folder: string, files: Record<string, Buffer>): void {
  for (const [name, bytes] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), bytes);
  }
}
