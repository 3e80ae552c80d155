// Lets every reader read files that were valid and are damaged: each is read, or refused with a message for the
// user, in less than two seconds and without taking a gigabyte, with nothing written outside its folder.
//
//   npx tsx bench/fuzz.ts [--mutations 10000] [--seed 1] [--reader 'CIFAR-10']
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { unknownName } from '../lib/core/errors';
import { fuzz, peakBytes } from '../test/fuzz/fuzz';
import { readers } from '../test/fuzz/readers';

const { values } = parseArgs({
  options: {
    mutations: { type: 'string', default: '10000' },
    seed: { type: 'string', default: '1' },
    reader: { type: 'string' },
  },
  allowPositionals: true,
});

async function main(): Promise<void> {
  const names = Object.keys(readers);
  if (values.reader && !names.includes(values.reader)) throw unknownName('reader', values.reader, names);
  console.log(`${'reader'.padEnd(30)}  files  refused  seconds  slowest ms  peak MB  findings`);
  for (const [name, reader] of Object.entries(readers)) {
    if (values.reader && values.reader !== name) continue;
    const folder = mkdtempSync(join(tmpdir(), 'mnn-fuzz-'));
    const start = performance.now();
    const outcome = await fuzz(reader, folder, Number(values.mutations), Number(values.seed));
    rmSync(folder, { recursive: true });
    const { refused, milliseconds, findings } = outcome;
    const numbers = [
      ...[values.mutations, refused, ((performance.now() - start) / 1000).toFixed(1)],
      ...[milliseconds.toFixed(0), (peakBytes() / 1e6).toFixed(0), findings.length],
    ];
    const widths = [7, 9, 9, 12, 9, 10];
    console.log(name.padEnd(30) + numbers.map((number, i) => String(number).padStart(widths[i])).join(''));
    for (const { mutation, file, what } of distinct(findings)) {
      console.log(`  ${mutation} ${file}: ${what.split('\n').slice(0, 4).join('\n    ')}`);
    }
    if (findings.length > 0) process.exitCode = 1;
  }
}

/** One finding of each kind. */
function distinct<T extends { what: string }>(findings: T[]): T[] {
  const kindOf = (what: string) => what.split('\n').slice(1, 3).join() || what.replace(/\d+/g, '');
  const kinds = new Map(findings.map((finding) => [kindOf(finding.what), finding]));
  return [...kinds.values()].slice(0, 10);
}

main();
