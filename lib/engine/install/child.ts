import { type ChildProcess, spawn } from 'node:child_process';
import { Interrupted } from '../../core/errors';

export interface ChildOptions {
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  signal?: AbortSignal;
  /** Longest time without a sign of life, in milliseconds. A sign is output, or another value of `pulse`. */
  timeoutMs: number;
  /** Watched for signs of life, for example the bytes that are there so far. */
  pulse?: () => number;
  onOutput?: (text: string) => void;
}

export interface ChildResult {
  code: number | null;
  /** The system's signal that ended it, if one did. */
  signal: NodeJS.Signals | null;
  /** What it wrote, to both streams. */
  output: string;
}

/**
 * Runs a program to its end and kills it, with all it started, when `signal` aborts or its time is over.
 * @throws Interrupted when `signal` aborts; Error where it does not start or falls silent.
 */
export async function runChild(
  command: string,
  args: string[],
  { cwd, env, signal, timeoutMs, pulse, onOutput }: ChildOptions,
): Promise<ChildResult> {
  if (signal?.aborted) throw new Interrupted('Stopped.');
  // A process group of its own lets all of it be killed at once.
  const child = spawn(command, args, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  let silent = false;
  let lastSign = performance.now();
  let lastPulse = pulse?.();
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      lastSign = performance.now();
      onOutput?.(text);
    });
  }
  const stop = () => killGroup(child);
  const watch = setInterval(
    () => {
      const now = pulse?.();
      if (now !== lastPulse) lastSign = performance.now();
      lastPulse = now;
      silent = performance.now() - lastSign > timeoutMs;
      if (silent) stop();
    },
    Math.min(timeoutMs, 500),
  );
  signal?.addEventListener('abort', stop);
  try {
    const [code, killer] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
      child.on('error', reject).on('close', (...end) => resolve(end));
    });
    if (signal?.aborted) throw new Interrupted('Stopped.');
    if (silent) throw new Error(`it gave no sign of life for ${timeoutMs / 1000} seconds`);
    return { code, signal: killer, output };
  } finally {
    clearInterval(watch);
    signal?.removeEventListener('abort', stop);
  }
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    if (process.platform === 'win32') child.kill('SIGKILL');
    else process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It has ended in the meantime.
  }
}

/** The last line of a program's output that says something. */
export function lastLine(output: string): string {
  return output.trim().split('\n').at(-1)?.trim() ?? '';
}
