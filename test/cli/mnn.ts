import { spawnSync } from 'node:child_process';
import { projectRoot } from '../../lib/core/paths';
import { compileKit, mnnCommand } from '../compile-kit';

// Also for a file that runs alone, whose tests look at all that is printed.
compileKit();

/** Runs a command of the kit in a process of its own, in the project's folder. */
export function mnn(...args: string[]): { code: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [...mnnCommand, ...args], {
    cwd: projectRoot,
    encoding: 'utf8',
  });
  return { code: status, output: stdout + stderr };
}
