import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { projectRoot } from '../../lib/core/paths';

/** How Node runs the command line from its sources. */
export const mnnCommand = ['-r', 'tsx/cjs', join('lib', 'cli', 'main.ts')];

/** Runs a command of the kit in a process of its own, in the project's folder. */
export function mnn(...args: string[]): { code: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [...mnnCommand, ...args], {
    cwd: projectRoot,
    encoding: 'utf8',
  });
  return { code: status, output: stdout + stderr };
}
