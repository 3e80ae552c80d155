import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { runChild } from './child';

/** A program with the arguments that always come first. */
export type Program = [command: string, ...args: string[]];

/** Path of the first of `names` that the variable PATH of `env` leads to. */
export function findOnPath(names: string[], env: NodeJS.ProcessEnv): string | undefined {
  const folders = (env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find(isProgram);
}

/** The C++ compiler: the variable CXX, else g++, c++ or clang++. */
export function findCompiler(env: NodeJS.ProcessEnv): Program | undefined {
  const [wanted, ...args] = (env.CXX ?? '').split(' ').filter((part) => part !== '');
  if (wanted) {
    const path = isProgram(wanted) ? wanted : findOnPath([wanted], env);
    return path ? [path, ...args] : undefined;
  }
  const path = findOnPath(['g++', 'c++', 'clang++'], env);
  return path ? [path] : undefined;
}

/** A pip that answers: that of python3 or python, else the program itself. */
export async function findPip(env: NodeJS.ProcessEnv, signal?: AbortSignal): Promise<Program | undefined> {
  for (const [name, ...args] of [['python3', '-m', 'pip'], ['python', '-m', 'pip'], ['pip3'], ['pip']]) {
    const path = findOnPath([name], env);
    if (path && (await programVersion([path, ...args], env, signal))) return [path, ...args];
  }
  return undefined;
}

/** First line of what a program answers to --version; undefined where it fails or hangs. */
export async function programVersion(
  [command, ...args]: Program,
  env: NodeJS.ProcessEnv,
  signal?: AbortSignal,
): Promise<string | undefined> {
  try {
    const { code, output } = await runChild(command, [...args, '--version'], {
      env,
      signal,
      timeoutMs: 5_000,
    });
    return code === 0 ? output.trim().split('\n')[0] : undefined;
  } catch (error) {
    if (signal?.aborted) throw error;
    return undefined;
  }
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** How a C++ compiler is got. */
export const compilerRemedy =
  'Install a C++ compiler (Debian, Ubuntu: sudo apt install g++; Fedora: sudo dnf install gcc-c++; ' +
  'macOS: xcode-select --install), or name one in the variable CXX';

/** How pip is got. */
export const pipRemedy =
  'Install pip (Debian, Ubuntu: sudo apt install python3-pip; Fedora: sudo dnf install python3-pip; ' +
  "macOS: python.org's installer), or fetch TensorFlow's wheel elsewhere and give it with --from <wheel.whl>";
