// Interrupts sweeps at random moments and starts them again, until every plan has its records; then lets two sweeps
// work on one plan at once. Usage: npx tsx bench/sweep-interrupt.ts [--interruptions 20] [--seed 1]
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { randomStream } from '../lib/core/random';
import { sweepFolder } from '../lib/sweep';
import { alike, command, recordsIn, tinyPlan } from '../test/sweep/tiny-sweep';

const seedsOfPlan = 2;
const runsOfPlan = 2 * seedsOfPlan;
const longestMilliseconds = 10_000;

/** A sweep in a process group of its own. */
function start(plan: string): ChildProcess {
  const [program, ...first] = command;
  return spawn(program, [...first, 'sweep', plan, ...alike], { detached: true, stdio: 'ignore' });
}

async function finish(child: ChildProcess): Promise<number | null> {
  const [code] = await once(child, 'exit');
  return code;
}

/** When each record was written: one that was written again has another time. */
function times(folder: string): Map<string, number> {
  const records = join(folder, 'records');
  const names = existsSync(records) ? readdirSync(records).filter((name) => name.endsWith('.json')) : [];
  return new Map(names.map((name) => [name, statSync(join(records, name)).mtimeMs]));
}

function newFolder(place: string, name: string): { folder: string; plan: string } {
  const folder = join(place, name);
  mkdirSync(folder);
  return { folder, plan: tinyPlan(folder, seedsOfPlan, 40) };
}

async function interrupted(
  place: string,
  wanted: unknown[],
  interruptions: number,
  seed: number,
): Promise<void> {
  const random = randomStream(seed, 'shuffle', 0);
  let done = 0;
  let midway = 0;
  for (let round = 0; done < interruptions; round++) {
    const { folder, plan } = newFolder(place, `round-${round}`);
    let written = times(folder);
    for (let ended = false; !ended; ) {
      const child = start(plan);
      const over = finish(child).then(() => {
        ended = true;
      });
      if (done < interruptions) {
        await Promise.race([over, sleep(random.uniform(500, longestMilliseconds))]);
        if (!ended) {
          const signal = done % 2 === 0 ? 'SIGKILL' : 'SIGINT';
          process.kill(-child.pid!, signal);
          done += 1;
          await over;
          ended = false;
          const partly = times(folder).size;
          if (partly > 0 && partly < runsOfPlan) midway += 1;
          console.log(`${done}: ${signal} in round ${round}, ${partly} of ${runsOfPlan} records`);
        }
      } else await over;
      const now = times(folder);
      for (const [name, time] of written) assert.equal(now.get(name), time, `${name} was written again`);
      written = now;
    }
    assert.deepEqual(recordsIn(folder), wanted);
  }
  console.log(
    `${done} interruptions (${midway} with some records of a plan there), every record once, valid and as without them`,
  );
}

async function twoAtOnce(place: string, wanted: unknown[]): Promise<void> {
  const { folder, plan } = newFolder(place, 'two');
  const codes = await Promise.all([start(plan), start(plan)].map(finish));
  assert.deepEqual(codes, [0, 0]);
  assert.deepEqual(recordsIn(folder), wanted);
  const logs = join(sweepFolder(plan), 'logs');
  const begun = readdirSync(logs).map(
    (name) => readFileSync(join(logs, name), 'utf8').match(/: epoch 1,/g)?.length,
  );
  assert.deepEqual(begun, Array(runsOfPlan).fill(1));
  console.log(`Two sweeps at once over ${runsOfPlan} runs: each was begun once, both ended well`);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      interruptions: { type: 'string', default: '20' },
      seed: { type: 'string', default: '1' },
    },
  });
  const place = mkdtempSync(join(tmpdir(), 'mnn-interrupt-'));
  try {
    const whole = newFolder(place, 'whole');
    assert.equal(await finish(start(whole.plan)), 0);
    const wanted = recordsIn(whole.folder);
    assert.equal(wanted.length, runsOfPlan);
    await twoAtOnce(place, wanted);
    await interrupted(place, wanted, Number(values.interruptions), Number(values.seed));
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

main();
