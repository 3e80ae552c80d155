import { Worker } from 'node:worker_threads';

/** What a worker of a pool answers to a job. */
export interface WorkerAnswer<Result> {
  job: number;
  result: Result;
}

interface Member {
  worker: Worker;
  /** Numbers of the jobs that were given to this worker and are not answered yet. */
  open: Set<number>;
}

interface Waiting<Result> {
  resolve: (result: Result) => void;
  reject: (error: Error) => void;
}

/**
 * Worker threads that all run the same file and answer each message `{ job, task }` with
 * `{ job, result }`. When one of them dies, all open and later jobs fail: a hole in the results is never
 * passed over. Threads keep the process alive only while a job is open.
 */
export class WorkerPool<Task, Result> {
  private readonly members: Member[];
  private readonly waiting = new Map<number, Waiting<Result>>();
  private jobs = 0;
  private failure: Error | undefined;

  /** @param file absolute path of the worker's code, either compiled `.js` or TypeScript source `.ts` */
  constructor(file: string, workerData: unknown, count: number) {
    this.members = Array.from({ length: count }, () => this.startMember(file, workerData));
  }

  /**
   * Gives the task to the worker with the fewest open jobs. A task that fails in its worker ends the worker.
   * @param transfer memory of the task that moves to the worker instead of being copied
   * @throws Error (as rejection) when a worker died or the pool was closed
   */
  run(task: Task, transfer: ArrayBuffer[] = []): Promise<Result> {
    if (this.failure !== undefined) return Promise.reject(this.failure);
    const job = this.jobs++;
    const member = this.members.reduce((a, b) => (b.open.size < a.open.size ? b : a));
    const answer = new Promise<Result>((resolve, reject) => this.waiting.set(job, { resolve, reject }));
    // Jobs run ahead of whoever awaits them; one that fails before it is awaited must not end the process.
    answer.catch(() => {});
    member.open.add(job);
    member.worker.ref();
    member.worker.postMessage({ job, task }, transfer);
    return answer;
  }

  /** Ends the workers; open jobs fail. */
  async close(): Promise<void> {
    this.fail(new Error('The workers were closed before they had finished.'));
    await Promise.all(this.members.map(({ worker }) => worker.terminate()));
  }

  private startMember(file: string, workerData: unknown): Member {
    const member: Member = { worker: startWorker(file, workerData), open: new Set() };
    member.worker.on('message', (answer: WorkerAnswer<Result>) => this.settle(member, answer));
    member.worker.on('error', (error) =>
      this.fail(new Error(`A worker thread failed: ${error.message}`, { cause: error })),
    );
    member.worker.on('messageerror', (error) =>
      this.fail(
        new Error(`The answer of a worker thread could not be read: ${error.message}`, { cause: error }),
      ),
    );
    member.worker.on('exit', (code) =>
      this.fail(new Error(`A worker thread ended with exit code ${code} before its work was done.`)),
    );
    // Only now: to listen for messages is to keep the process alive.
    member.worker.unref();
    return member;
  }

  private settle(member: Member, { job, result }: WorkerAnswer<Result>): void {
    // A late answer must not let go of a thread that `close` waits for.
    if (this.failure !== undefined) return;
    member.open.delete(job);
    if (member.open.size === 0) member.worker.unref();
    this.waiting.get(job)?.resolve(result);
    this.waiting.delete(job);
  }

  /**
   * The first failure is the cause; what follows from it is not news. Above all it must not let go of threads
   * that are being ended: they keep the process alive for whoever waits for `close`.
   */
  private fail(error: Error): void {
    if (this.failure !== undefined) return;
    this.failure = error;
    for (const { reject } of this.waiting.values()) reject(error);
    this.waiting.clear();
    for (const { worker, open } of this.members) {
      open.clear();
      worker.unref();
    }
  }
}

/**
 * Node runs `.js` by itself. For `.ts`, as in tests, the thread first registers the TypeScript loader.
 * Neither inherits the command line's options, which may belong to a notebook kernel or a test runner.
 */
function startWorker(file: string, workerData: unknown): Worker {
  if (!file.endsWith('.ts')) return new Worker(file, { workerData, execArgv: [] });
  const start = [require.resolve('tsx/cjs'), file]
    .map((path) => `require(${JSON.stringify(path)});`)
    .join('\n');
  return new Worker(start, { eval: true, workerData, execArgv: [] });
}
