import { renameSync, rmSync } from 'node:fs';
import { UserError } from '../../core/errors';
import { runChild } from './child';
import { compilerRemedy, findCompiler } from './programs';

/** Everything needed was there, but what was made of it does not compile or work. */
export class BuildError extends UserError {
  override readonly exitCode = 2;
}

/** A shared library that Node or TensorFlow loads, from C++ sources. */
export interface Addon {
  sources: string[];
  includeFolders: string[];
  libraryFolders: string[];
  /** Names of libraries, without `lib` before and `.so` behind. */
  libraries: string[];
  /** Where the libraries lie when it runs, seen from the folder of `output`. */
  rpath: string;
  output: string;
  flags?: string[];
}

export interface CompileOptions {
  /** Where the compiler is looked for. Default: this process's environment. */
  env?: NodeJS.ProcessEnv;
  signal?: AbortSignal;
  /** Longest time to compile, in milliseconds. */
  timeoutMs?: number;
}

/**
 * Compiles and links an addon; `output` appears whole or not at all.
 * @throws UserError without a compiler; BuildError with what the compiler says.
 */
export async function compileAddon(
  addon: Addon,
  { env = process.env, signal, timeoutMs = 300_000 }: CompileOptions = {},
): Promise<void> {
  const compiler = findCompiler(env);
  if (!compiler) throw new UserError(`There is no C++ compiler. ${compilerRemedy}.`);
  const [command, ...first] = compiler;
  const temporary = `${addon.output}.${process.pid}.tmp`;
  try {
    const args = [...first, ...compilerArguments(addon, temporary)];
    const { code, output } = await runChild(command, args, { env, signal, timeoutMs }).catch((error) => {
      if (signal?.aborted) throw error;
      throw new BuildError(`The compiler ${command} was stopped: ${error.message}.`);
    });
    if (code !== 0) throw new BuildError(`The compiler ${command} fails: ${firstError(output)}`);
    renameSync(temporary, addon.output);
  } finally {
    rmSync(temporary, { force: true });
  }
}

function compilerArguments(addon: Addon, output: string): string[] {
  const mac = process.platform === 'darwin';
  const origin = mac ? '@loader_path' : '$ORIGIN';
  return [
    // Node's own symbols are found only when it loads the addon.
    ...(mac ? ['-bundle', '-undefined', 'dynamic_lookup'] : ['-shared']),
    ...['-fPIC', '-O3', '-std=c++17', ...(addon.flags ?? [])],
    ...addon.includeFolders.map((folder) => `-I${folder}`),
    ...addon.sources,
    ...addon.libraryFolders.map((folder) => `-L${folder}`),
    ...addon.libraries.map((library) => `-l${library}`),
    `-Wl,-rpath,${origin}/${addon.rpath}`,
    ...['-o', output],
  ];
}

/** The first line that tells of an error, which is the cause of the others. */
function firstError(output: string): string {
  const lines = output.split('\n').filter((line) => line.trim() !== '');
  return lines.find((line) => /error|undefined reference/i.test(line)) ?? lines[0] ?? 'it says nothing';
}
