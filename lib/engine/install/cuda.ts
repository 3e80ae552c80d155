import { existsSync, readdirSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { UserError } from '../../core/errors';
import { runChild } from './child';
import type { EngineLayout } from './folders';
import { findOnPath, findPip } from './programs';

/** Beginnings of the libraries' names in NVIDIA's packages; the others of its packages hold no such library. */
const libraryOf: Record<string, string> = {
  'nvidia-cublas': 'libcublas.so',
  'nvidia-cuda-cupti': 'libcupti.so',
  'nvidia-cuda-runtime': 'libcudart.so',
  'nvidia-cudnn': 'libcudnn.so',
  'nvidia-cufft': 'libcufft.so',
  'nvidia-curand': 'libcurand.so',
  'nvidia-cusolver': 'libcusolver.so',
  'nvidia-cusparse': 'libcusparse.so',
  'nvidia-nccl': 'libnccl.so',
  'nvidia-nvjitlink': 'libnvJitLink.so',
};

/** A library that a TensorFlow for GPUs loads when it starts. */
export interface CudaLibrary {
  /** Its file's name, for example `libcudnn.so.9`. */
  file: string;
  /** What pip installs to bring it, for example `nvidia-cudnn-cu12<10.0,>=9.3.0.75`. */
  requirement: string;
}

/** The libraries behind a wheel's requirements: the number in a file's name is its package's first one. */
export function cudaLibraries(requirements: string[]): CudaLibrary[] {
  return requirements.flatMap((requirement) => {
    const [, name, rest] = /^(nvidia-[a-z-]+?)(?:-cu\d+)?((?:[<>=!~].*)?)$/.exec(requirement) ?? [];
    const major = /(?:>=|==|~=)(\d+)/.exec(rest ?? '')?.[1];
    const library = name && libraryOf[name];
    return library && major ? [{ file: `${library}.${major}`, requirement }] : [];
  });
}

/** @throws UserError without NVIDIA's driver. */
export async function checkDriver(env: NodeJS.ProcessEnv, signal?: AbortSignal): Promise<void> {
  if ((await findLibraries(['libcuda.so.1'], env, signal)).size > 0) return;
  throw new UserError(
    "There is no NVIDIA driver here: libcuda.so.1 is not found. Install the GPU's driver and see that nvidia-smi " +
      'runs, or leave --gpu out.',
  );
}

/**
 * Where the CUDA libraries that a TensorFlow asks for lie.
 * @throws UserError that names each one that is missing and how pip brings it.
 */
export async function findCuda(
  requirements: string[],
  env: NodeJS.ProcessEnv,
  signal?: AbortSignal,
): Promise<Map<string, string>> {
  const wanted = cudaLibraries(requirements);
  const files = wanted.map(({ file }) => file);
  const found = await findLibraries(files, env, signal);
  const missing = wanted.filter(({ file }) => !found.has(file));
  if (missing.length === 0) return found;
  const packages = missing.map(({ requirement }) => `'${requirement}'`).join(' ');
  throw new UserError(
    `TensorFlow's GPU build needs CUDA libraries that are not found: ${missing.map(({ file }) => file).join(', ')}.\n` +
      `python3 -m pip install ${packages}\nbrings them; those elsewhere are found through LD_LIBRARY_PATH.`,
  );
}

/**
 * Puts links to the libraries, and to those that lie beside them, next to TensorFlow, which looks there: no
 * LD_LIBRARY_PATH is needed then.
 */
export function linkCuda(found: Map<string, string>, layout: EngineLayout): void {
  for (const folder of new Set(found.values())) {
    // The system's own folders are searched anyway, and hold much else.
    if (!/\/nvidia\/[^/]+\/lib$/.test(folder)) continue;
    for (const name of readdirSync(folder).filter((file) => /\.so(\.|$)/.test(file))) {
      const link = join(layout.libraries, name);
      if (!existsSync(link)) symlinkSync(join(folder, name), link);
    }
  }
}

/** The folder of each library that is found: LD_LIBRARY_PATH first, then pip's packages, then the system's. */
async function findLibraries(
  files: string[],
  env: NodeJS.ProcessEnv,
  signal?: AbortSignal,
): Promise<Map<string, string>> {
  const folders = [
    ...(env.LD_LIBRARY_PATH ?? '').split(':').filter((folder) => folder !== ''),
    ...(await pipFolders(env, signal)),
    ...(await systemFolders(env, signal)),
  ];
  const found = new Map<string, string>();
  for (const file of files) {
    const folder = folders.find((place) => existsSync(join(place, file)));
    if (folder) found.set(file, folder);
  }
  return found;
}

/** `<site-packages>/nvidia/<part>/lib`, where NVIDIA's packages put their libraries. */
async function pipFolders(env: NodeJS.ProcessEnv, signal?: AbortSignal): Promise<string[]> {
  const pip = await findPip(env, signal);
  if (!pip) return [];
  const [command, ...first] = pip;
  const { output } = await runChild(command, [...first, '--version'], { env, signal, timeoutMs: 5_000 });
  // It answers `pip 23.2.1 from <site-packages>/pip (python 3.11)`.
  const nvidia = join(dirname(/ from (.+) \(python/.exec(output)?.[1] ?? '/none/pip'), 'nvidia');
  return existsSync(nvidia) ? readdirSync(nvidia).map((part) => join(nvidia, part, 'lib')) : [];
}

/** Where the system's loader looks, as ldconfig lists it. */
async function systemFolders(env: NodeJS.ProcessEnv, signal?: AbortSignal): Promise<string[]> {
  const ldconfig = findOnPath(['ldconfig'], { PATH: `${env.PATH ?? ''}:/sbin:/usr/sbin` });
  if (!ldconfig) return [];
  const { output } = await runChild(ldconfig, ['-p'], { env, signal, timeoutMs: 5_000 });
  const files = [...output.matchAll(/=> (\/\S+)/g)].map(([, file]) => file);
  return [...new Set(files.map(dirname)), '/usr/local/cuda/lib64', '/usr/lib/wsl/lib'];
}
