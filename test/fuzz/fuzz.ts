import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CommanderError } from 'commander';
import { UserError } from '../../lib/errors';
import { randomStream } from '../../lib/random';
import { mutate, pick } from './mutations';
import { type Reader, writeFiles } from './readers';

/** What came of reading damaged files. */
export interface Outcome {
  accepted: number;
  refused: number;
  /** Of the slowest read. */
  milliseconds: number;
  /** What must not happen, and on which file: other errors, and reads of more than two seconds. */
  findings: { mutation: number; file: string; what: string }[];
}

const longestMilliseconds = 2000;

/**
 * Lets a reader read damaged copies of its files, one file damaged at a time.
 * @param folder an empty one, for its files; next to it the reader must not write.
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
  mkdirSync(inside);
  writeFiles(inside, files);
  for (let mutation = 0; mutation < mutations; mutation++) {
    const random = randomStream(seed, 'order', mutation);
    const file = pick(Object.keys(files), random);
    const find = (what: string) => outcome.findings.push({ mutation, file, what });
    writeFileSync(join(inside, file), mutate(files[file], random));
    const start = performance.now();
    try {
      await reader.read(inside);
      outcome.accepted++;
    } catch (error) {
      outcome.refused++;
      if (!(error instanceof UserError || error instanceof CommanderError))
        find(String((error as Error).stack));
    }
    const milliseconds = performance.now() - start;
    outcome.milliseconds = Math.max(outcome.milliseconds, milliseconds);
    if (milliseconds > longestMilliseconds) find(`took ${milliseconds.toFixed(0)} ms`);
    writeFileSync(join(inside, file), files[file]);
  }
  const around = readdirSync(folder);
  if (around.length > 1)
    outcome.findings.push({ mutation: -1, file: around.join(), what: 'written outside' });
  return outcome;
}
