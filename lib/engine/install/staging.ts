import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isAlive } from '../../core/process-alive';

/**
 * Does `work` in an empty folder beside the installed engines, which is removed at the end, whatever happens. What
 * killed processes left is cleared away first; an engine that one of them had only moved aside comes back.
 */
export async function inStaging<T>(engines: string, work: (staging: string) => Promise<T>): Promise<T> {
  const staging = makeStaging(engines);
  const remove = () => rmSync(staging, { recursive: true, force: true });
  // A process that ends on an error that nobody catches removes it as well.
  process.once('exit', remove);
  try {
    return await work(staging);
  } finally {
    remove();
    process.off('exit', remove);
  }
}

function makeStaging(engines: string): string {
  mkdirSync(engines, { recursive: true });
  for (const name of readdirSync(engines)) {
    const [, kind, pid] = /^\.(staging|old-[\w-]+)-(\d+)$/.exec(name) ?? [];
    const elsewhere = Number(pid) !== process.pid;
    if (!kind || (elsewhere && isAlive(Number(pid)))) continue;
    const place = join(engines, kind.slice('old-'.length));
    if (kind !== 'staging' && !existsSync(place)) renameSync(join(engines, name), place);
    else rmSync(join(engines, name), { recursive: true, force: true });
  }
  const staging = join(engines, `.staging-${process.pid}`);
  rmSync(staging, { recursive: true, force: true });
  mkdirSync(staging);
  return staging;
}

/** Gives a finished folder its place; the one that was there stays in it until then. */
export function takePlace(staging: string, engines: string, name: string): void {
  const place = join(engines, name);
  const old = join(engines, `.old-${name}-${process.pid}`);
  if (existsSync(place)) renameSync(place, old);
  try {
    renameSync(staging, place);
  } catch (error) {
    if (existsSync(old)) renameSync(old, place);
    throw error;
  }
  rmSync(old, { recursive: true, force: true });
}
