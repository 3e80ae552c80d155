// Takes runs at the word of its parent, at the same time as another such process.
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { acquireRunLock, type RunLock, RunLockedError } from '../../lib/core/lock';

type Order = { take: string[] } | { share: string; turns: number };

process.on('message', (order: Order) => {
  if ('take' in order) process.send!(order.take.filter((folder) => tryTaking(folder)));
  else process.send!(share(order.share, order.turns));
});
process.send!('ready');

function tryTaking(folder: string): RunLock | undefined {
  try {
    return acquireRunLock(folder);
  } catch (error) {
    if (error instanceof RunLockedError) return undefined;
    throw error;
  }
}

/** Holds the run again and again; throws if the other holds it too. */
function share(folder: string, turns: number): number {
  let done = 0;
  while (done < turns) {
    const lock = tryTaking(folder);
    if (!lock) continue;
    const proof = join(folder, 'proof');
    writeFileSync(proof, '', { flag: 'wx' });
    rmSync(proof);
    lock.release();
    done++;
  }
  return done;
}
