import { parentPort } from 'node:worker_threads';

/** A worker for the tests of the pool: doubles a number, or fails in the way the task names. */
parentPort!.on('message', ({ job, task }: { job: number; task: number | 'throw' | 'exit' | 'silence' }) => {
  if (task === 'throw') throw new RangeError('task out of range');
  if (task === 'exit') process.exit(3);
  if (task !== 'silence') parentPort!.postMessage({ job, result: 2 * task });
});
