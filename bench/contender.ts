// Processes that do the same work in turns, so that whatever else the machine does meets all of them.
//
// A contender is any program that prints a JSON line when it is ready and then, for every line it reads, does one round
// of its work and prints {"milliseconds", "peakBytes"}.
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

export interface Round {
  milliseconds: number;
  /** The most memory that the process has held so far. */
  peakBytes: number;
}

export interface ContenderSettings {
  title: string;
  command: string;
  args: string[];
  /** Variables beside those of this process. */
  env?: NodeJS.ProcessEnv;
}

/** A contender at work. */
export class Contender {
  readonly rounds: Round[] = [];
  /** Milliseconds from the start of the process until it is ready. */
  readyAfter = 0;
  version = '';
  private readonly child: ChildProcessByStdio<Writable, Readable, Readable>;
  private readonly lines: AsyncIterator<string>;
  private readonly ended: Promise<undefined>;
  private complaint = '';

  private constructor(
    readonly title: string,
    { command, args, env }: ContenderSettings,
  ) {
    this.child = spawn(command, args, {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
    });
    this.ended = once(this.child, 'close').then(
      () => undefined,
      (error: Error) => {
        this.complaint += error.message;
        return undefined;
      },
    );
    this.child.stdin.on('error', () => {});
    this.child.stderr.on('data', (data) => {
      this.complaint = `${this.complaint}${data}`.slice(-2000);
    });
    this.lines = createInterface({ input: this.child.stdout })[Symbol.asyncIterator]();
  }

  /** Starts a contender. @throws Error with the last line of what it says when it does not get ready. */
  static async start(settings: ContenderSettings): Promise<Contender> {
    const begin = performance.now();
    const contender = new Contender(settings.title, settings);
    contender.version = JSON.parse(await contender.answer()).version;
    contender.readyAfter = performance.now() - begin;
    return contender;
  }

  /** One round; it counts only where `keep` says so. */
  async round(keep: boolean): Promise<void> {
    this.child.stdin.write('\n');
    const round: Round = JSON.parse(await this.answer());
    if (keep) this.rounds.push(round);
  }

  stop(): void {
    this.child.kill();
  }

  private async answer(): Promise<string> {
    const line = await Promise.race([this.lines.next(), this.ended]);
    if (typeof line?.value === 'string') return line.value;
    throw new Error(this.complaint.trim().split('\n').at(-1) || 'it ended without a word');
  }
}

/** The outcome of one contender. */
export interface Outcome {
  title: string;
  /** Median of the rounds; missing where it did not run. */
  milliseconds?: number;
  /** The fastest round's milliseconds. */
  fastest?: number;
  peakBytes?: number;
  readyAfter?: number;
  version?: string;
  /** Why it did not run. */
  problem?: string;
}

/** Lets contenders take turns for a number of rounds, after one that warms up. */
export async function compare(settings: ContenderSettings[], rounds: number): Promise<Outcome[]> {
  const problems = new Map<string, string>();
  const contenders: Contender[] = [];
  for (const each of settings) {
    await Contender.start(each).then(
      (contender) => contenders.push(contender),
      (error: Error) => problems.set(each.title, error.message),
    );
  }
  for (let round = 0; round <= rounds; round++) {
    for (const contender of contenders) {
      if (problems.has(contender.title)) continue;
      await contender.round(round > 0).catch((error: Error) => problems.set(contender.title, error.message));
    }
  }
  for (const contender of contenders) contender.stop();
  return settings.map(({ title }) => {
    const problem = problems.get(title);
    const contender = contenders.find((one) => one.title === title);
    if (problem !== undefined || !contender) return { title, problem };
    const times = contender.rounds.map((round) => round.milliseconds);
    const [milliseconds, fastest] = [median(times), Math.min(...times)];
    const { peakBytes } = contender.rounds.at(-1)!;
    const { readyAfter, version } = contender;
    return { title, milliseconds, fastest, peakBytes, readyAfter, version };
  });
}

export function median(numbers: number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
}
