// How long planning, submitting, status and canceling of a thousand runs take, from the command line, on a Slurm of
// one node that is started for it. Usage, as root, with slurm-wlm and munge: npx tsx bench/sweep-scale.ts
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadPlan } from '../lib/sweep';
import { writeTaskStatus } from '../lib/sweep/task';
import { mnnOk } from '../test/sweep/tiny-sweep';
import { noSlurm, startSlurm } from '../test/tools/slurm-cluster';

const rounds = 5;
const seeds = Array.from({ length: 21 }, (_, i) => i + 1).join(',');

async function main(): Promise<void> {
  const reason = noSlurm();
  if (reason) throw new Error(reason);
  const cluster = await startSlurm();
  const place = mkdtempSync(join(tmpdir(), 'mnn-scale-'));
  const seconds: Record<string, number[]> = {};
  const timed = (what: string, ...args: string[]) => {
    const start = performance.now();
    const output = mnnOk(...args);
    seconds[what] = [...(seconds[what] ?? []), (performance.now() - start) / 1000];
    return output;
  };
  try {
    for (let round = 0; round < rounds; round++) {
      const file = join(place, `plan-${round}.json`);
      const places = ['--records', join(place, 'records'), '--runs', join(place, 'runs'), '--out', file];
      const what = ['all', '--preset', 'quick', '--seeds', seeds, '--throughput', '1000'];
      timed('mnn --help', '--help');
      timed('plan', 'plan', ...what, ...places);
      const { runs } = loadPlan(file);
      for (const { id } of runs) {
        writeTaskStatus(file, id, {
          state: 'stopped',
          reason: null,
          log: null,
          epoch: 1,
          epochs: 2,
          fruitless: 0,
        });
      }
      console.log(timed('submit', 'sweep', file, '--executor', 'slurm', '--hold').trim());
      console.log(timed('status', 'sweep', 'status', file).trim());
      timed('cancel', 'sweep', 'cancel', file);
    }
    for (const [what, values] of Object.entries(seconds)) {
      const sorted = values.toSorted((a, b) => a - b);
      console.log(`${what.padEnd(10)} median ${sorted[2].toFixed(2)} s, longest ${sorted[4].toFixed(2)} s`);
    }
  } finally {
    await cluster.stop();
    rmSync(place, { recursive: true, force: true });
  }
}

main();
