// Kills training processes with SIGKILL at random moments, starts each again until its run is over, and compares
// the records with those of undisturbed runs. Needs the compiled library: npm run build
//
//   npx tsx bench/kill.ts [--kills 100] [--engine wasm] [--seed 1]
import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual, parseArgs } from 'node:util';
import { randomStream } from '../lib/core/random';
import { summarize } from '../lib/core/statistics';
import { comparableRecord } from '../lib/results/record';
import { loadRecords } from '../lib/results/store';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '100' },
    engine: { type: 'string', default: 'wasm' },
    seed: { type: 'string', default: '1' },
  },
  allowPositionals: true,
});
const random = randomStream(Number(values.seed), 'order');

/** What one process did. */
interface Process {
  firstStep?: number;
  lastStep: number;
  warnings: string[];
  /** Milliseconds until its first step. */
  start: number;
  milliseconds: number;
  code: number | null;
}

/** A training process, killed after so many milliseconds unless it is over before. */
function train(seed: number, folder: string, killAfter?: number): Promise<Process> {
  const begun = performance.now();
  const child: ChildProcess = fork(join(__dirname, 'kill-run.cjs'), [values.engine, String(seed), folder], {
    execArgv: [],
  });
  const done: Process = { lastStep: 0, warnings: [], start: 0, milliseconds: 0, code: null };
  child.on('message', ({ step, warning }: { step?: number; warning?: string }) => {
    if (warning) done.warnings.push(warning);
    if (!step) return;
    if (done.firstStep === undefined) done.start = performance.now() - begun;
    done.firstStep ??= step;
    done.lastStep = step;
  });
  const timer = killAfter === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), killAfter);
  return new Promise((resolve) =>
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve({ ...done, milliseconds: performance.now() - begun, code });
    }),
  );
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'mnn-kill-'));
  const [disturbed, whole] = ['disturbed', 'whole'].map((name) => join(folder, name));
  const begun = performance.now();
  const undisturbed = [await train(1, whole)];
  const { start, milliseconds } = undisturbed[0];
  const lost: number[] = [];
  let [kills, processes, runs, warnings] = [0, 0, 0, 0];
  while (kills < Number(values.kills)) {
    runs++;
    if (runs > 1) undisturbed.push(await train(runs, whole));
    let reached = 0;
    for (let over = false; !over; ) {
      // From the loading of the code to some way into the run, so that most runs are killed several times.
      const moment = random.uniform(0.3 * start, start + 0.35 * (milliseconds - start));
      const last = kills >= Number(values.kills);
      const process = await train(runs, disturbed, last ? undefined : moment);
      processes++;
      warnings += process.warnings.length;
      if (process.code !== null && process.code !== 0) throw new Error('A process failed.');
      over = process.code === 0;
      if (!over) kills++;
      if (process.firstStep !== undefined && reached > 0) lost.push(reached - (process.firstStep - 1));
      reached = process.lastStep || reached;
    }
    console.log(`run ${runs} is over, ${kills} kills, ${processes} processes`);
  }
  const [got, wanted] = [disturbed, whole].map((place) =>
    loadRecords(join(place, 'records')).map(comparableRecord),
  );
  const equal = wanted.filter((record, i) => isDeepStrictEqual(record, got[i])).length;
  const { mean } = summarize(lost);
  const seconds = (performance.now() - begun) / 1000;
  console.log(
    `${kills} kills in ${runs} runs of 48 steps, ${seconds.toFixed(0)} s; steps lost by a kill: mean ${mean.toFixed(1)}, ` +
      `most ${Math.max(...lost)}; ${warnings} damaged checkpoints; ${equal} of ${wanted.length} records equal`,
  );
  const files = readdirSync(join(disturbed, 'runs')).map((run) => readdirSync(join(disturbed, 'runs', run)));
  console.log(`files left in the runs' folders: ${[...new Set(files.flat())].sort().join(', ')}`);
  rmSync(folder, { recursive: true });
  if (equal !== wanted.length) process.exitCode = 1;
}

main();
