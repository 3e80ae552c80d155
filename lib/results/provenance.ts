import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { kitRoot } from '../core/paths';
import type { Provenance } from './record';

/** What only the caller knows about a run. */
export interface RunFacts {
  engine: Provenance['engine'];
  startedAt: Date;
  finishedAt: Date;
  /** How many times the run was taken up again from a checkpoint. */
  resumed: number;
}

/** Where a record comes from: the code, the packages, the engine and the machine. */
export function collectProvenance(run: RunFacts, root: string = kitRoot): Provenance {
  return {
    kitVersion: kitVersion(root),
    ...gitState(root),
    packageLockSha256: sha256OfFile(join(root, 'package-lock.json')),
    engine: run.engine,
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    ...machineOf(root),
    memoryGiB: Math.round((totalmem() / 2 ** 30) * 10) / 10,
    startedAt: run.startedAt.toISOString(),
    finishedAt: run.finishedAt.toISOString(),
    resumed: run.resumed,
  };
}

/** The processor and the GPU of this machine. */
export function machineOf(root: string = kitRoot): Pick<Provenance, 'cpu' | 'gpu'> {
  return {
    cpu: { model: cpus()[0]?.model.trim() || 'unknown', cores: availableParallelism() },
    gpu: output('nvidia-smi', ['--query-gpu=name,driver_version', '--format=csv,noheader'], root) || null,
  };
}

/** The checked-out commit and whether tracked files differ from it; nulls, and why, if that is not known. */
export function gitState(folder: string): Pick<Provenance, 'commit' | 'dirty' | 'commitProblem'> {
  // A copy of the kit inside some other repository must not be taken for that repository's commit.
  if (!existsSync(join(folder, '.git')))
    return { commit: null, dirty: null, commitProblem: 'the kit is not in a git checkout' };
  let commit: string | null = null;
  try {
    commit = git(folder, 'rev-parse', '--verify', 'HEAD');
    return { commit, dirty: git(folder, 'status', '--porcelain', '--untracked-files=no') !== '' };
  } catch (error) {
    return { commit, dirty: null, commitProblem: gitProblem(error as GitError) };
  }
}

/** Also if the checkout belongs to another user, who installed the kit, and if nothing can be written there. */
function git(folder: string, ...args: string[]): string {
  const options = ['--no-optional-locks', '-c', 'safe.directory=*'];
  const env = { ...process.env, LC_ALL: 'C' };
  const pipes: ['ignore', 'pipe', 'pipe'] = ['ignore', 'pipe', 'pipe'];
  const limits = { timeout: gitSeconds * 1000, maxBuffer: 1 << 26 };
  return execFileSync('git', [...options, ...args], {
    cwd: folder,
    env,
    stdio: pipes,
    encoding: 'utf8',
    ...limits,
  }).trim();
}

const gitSeconds = 10;

type GitError = NodeJS.ErrnoException & { stderr?: string };

function gitProblem({ code, stderr, message }: GitError): string {
  if (code === 'ENOENT') return 'git is not installed';
  if (code === 'ETIMEDOUT') return `git did not answer within ${gitSeconds} s`;
  const [said] = (stderr ?? '').trim().split('\n');
  return said ? `git says: ${said}` : message;
}

/** As in the package that the kit is. */
export function kitVersion(root: string = kitRoot): string {
  const file = join(root, 'package.json');
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).version : 'unknown';
}

function sha256OfFile(path: string): string | null {
  return existsSync(path) ? createHash('sha256').update(readFileSync(path)).digest('hex') : null;
}

/** What a program prints, or null when it fails or is not installed. */
function output(program: string, args: string[], cwd: string): string | null {
  try {
    const stdio: ['ignore', 'pipe', 'ignore'] = ['ignore', 'pipe', 'ignore'];
    return execFileSync(program, args, { cwd, stdio, encoding: 'utf8', timeout: 10_000 }).trim();
  } catch {
    return null;
  }
}
