import { setTimeout as sleep } from 'node:timers/promises';
import { Interrupted } from '../core/errors';
import { RunLockedError } from '../core/lock';

const pollMilliseconds = 1000;

/**
 * Tries until nobody else holds the lock that the attempt takes; undefined where somebody still does after so many
 * seconds.
 * @throws Interrupted when `signal` ends the waiting.
 */
export async function waitForLock<T>(
  seconds: number,
  signal: AbortSignal | undefined,
  attempt: () => T | Promise<T>,
): Promise<T | undefined> {
  const end = performance.now() + 1000 * seconds;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof RunLockedError)) throw error;
    }
    if (performance.now() >= end) return undefined;
    await sleep(pollMilliseconds, undefined, { signal }).catch(() => {});
    if (signal?.aborted)
      throw new Interrupted('Stopped while waiting for another process.', { saved: true, signal });
  }
}
