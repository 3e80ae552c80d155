import { mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../core/errors';
import { lastLine, runChild } from './child';
import type { Progress } from './library';
import { findPip, pipRemedy } from './programs';

/** The version that the kit was tested with. */
const testedVersion = '2.21.0';

export interface PipOptions {
  gpu: boolean;
  env: NodeJS.ProcessEnv;
  /** Longest time without new bytes or words, in milliseconds. */
  timeoutMs: number;
  signal?: AbortSignal;
  onProgress?: Progress;
}

/** The Python package with TensorFlow for this machine; `tensorflow-cpu` is made for x64 alone. */
function wheelPackage(gpu: boolean): string {
  return gpu || process.platform !== 'linux' || process.arch !== 'x64' ? 'tensorflow' : 'tensorflow-cpu';
}

/** What pip is asked for, one after the other: the tested version, any that serves, the tested for another Python. */
function requests(name: string): string[][] {
  return [
    [`${name}==${testedVersion}`],
    [`${name}>=2.16,<3`],
    ['--python-version', '3.12', '--only-binary=:all:', `${name}==${testedVersion}`],
  ];
}

/**
 * Downloads TensorFlow's wheel with pip, which checks it against the index, into `folder`; returns its path.
 * @throws UserError without pip, or where pip does not find or reach it.
 */
export async function downloadWheel(folder: string, options: PipOptions): Promise<string> {
  const { gpu, env, timeoutMs, signal } = options;
  const pip = await findPip(env, signal);
  if (!pip) throw new UserError(`There is no pip. ${pipRemedy}.`);
  // pip downloads into its temporary folder; having that here lets the bytes be seen, and removed.
  const temporary = join(folder, 'tmp');
  mkdirSync(temporary, { recursive: true });
  const [command, ...first] = pip;
  const limits = ['--timeout', `${indexSeconds}`, '--retries', '0', '--disable-pip-version-check'];
  const common = [...first, 'download', '--no-deps', ...limits];
  let reason = '';
  for (const request of requests(wheelPackage(gpu))) {
    const args = [...common, '--progress-bar', 'off', '--dest', folder, ...request];
    let total = 0;
    const start = performance.now();
    const { code, output } = await runChild(command, args, {
      env: { ...env, TMPDIR: temporary },
      signal,
      timeoutMs,
      pulse: () => {
        const bytes = bytesBelow(temporary);
        if (total > 0) options.onProgress?.(Math.min(bytes, total), total);
        return bytes;
      },
      onOutput: (text) => {
        total ||= announcedBytes(text);
      },
    }).catch((error) => {
      if (signal?.aborted) throw error;
      throw new UserError(`pip was stopped: ${error.message}. ${pipWayOut}`);
    });
    const wheel = readdirSync(folder).find((name) => name.endsWith('.whl'));
    if (code === 0 && wheel) return join(folder, wheel);
    reason = lastLine(output);
    // pip does not say that it reached no index; an attempt that took so long has waited for one.
    if (performance.now() - start > indexSeconds * 1000) break;
  }
  throw new UserError(`pip does not get ${wheelPackage(gpu)}: ${reason}. ${pipWayOut}`);
}

/** How long pip waits for its package index. */
const indexSeconds = 5;

const pipWayOut = "Or fetch TensorFlow's wheel elsewhere and give it with --from <wheel.whl>";

/** pip announces `Downloading tensorflow_cpu-….whl (273.8 MB)`. */
function announcedBytes(text: string): number {
  const [, size] = /Downloading \S+\.whl \(([\d.]+) MB\)/.exec(text) ?? [];
  return Number(size ?? 0) * 1e6;
}

function bytesBelow(folder: string): number {
  let bytes = 0;
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    bytes += statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0;
  }
  return bytes;
}
