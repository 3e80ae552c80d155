import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { packageRoot } from './paths';

let worker: Worker | undefined;

/**
 * Writes to the file every few seconds as long as this process lives, from a thread of its own: the main thread
 * may be in one training step for minutes. Keeps no process alive.
 */
export function startBeating(file: string): void {
  if (!worker) {
    worker = new Worker(join(packageRoot, 'core', 'heartbeat-worker.cjs'), { execArgv: [] });
    // A thread that died leaves its files without a beat, which holders of locks find out for themselves.
    worker.on('error', () => {
      worker = undefined;
    });
    worker.unref();
  }
  worker.postMessage({ start: file });
}

export function stopBeating(file: string): void {
  worker?.postMessage({ stop: file });
}
