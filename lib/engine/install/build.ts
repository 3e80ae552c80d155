import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { visibleNames } from '../../core/files';
import { packageRoot } from '../../core/paths';
import { type CompileOptions, compileAddon } from './compile';
import { type EngineLayout, modulesFolder, tfjsNode, tfjsNodeFolder } from './folders';
import { neededHeaders } from './library';
import type { Ingredients } from './manifest';
import { processorName } from './processor';

/** Of the package, what runs, what is compiled, and what downloads, with the packages that only it has. */
const packageParts = ['package.json', 'dist', 'binding', 'scripts', 'node_modules'];
/** Headers of Node-API, from the package that holds them. */
const nodeHeaders = join(dirname(require.resolve('node-api-headers/package.json')), 'include');
const operations = join(packageRoot, 'engine', 'native', 'ops');

/** What an engine made now would be made of. */
export function currentIngredients(): Ingredients {
  const folder = tfjsNodeFolder();
  return {
    package: `${tfjsNode} ${packageJson(folder).version}`,
    binding: sha256(sourcesIn(join(folder, 'binding'))),
    kernels: operationsChecksum(),
    headers: neededHeaders.source,
    platform: `${process.platform} ${process.arch}`,
    processor: processorName(),
    napi: napiVersion(folder),
  };
}

/** sha256 over the sources of the kit's own operations; null when there are none. */
export function operationsChecksum(): string | null {
  return kernelSources().length > 0 ? sha256(sourcesIn(operations)) : null;
}

/** Copies tfjs-node's package without TensorFlow to where an engine has it. */
export function copyPackage(layout: EngineLayout): void {
  const from = tfjsNodeFolder();
  for (const part of packageParts.filter((name) => existsSync(join(from, name)))) {
    cpSync(join(from, part), join(layout.package, part), { recursive: true });
  }
  // Outside the project, Node would not find the packages that this one needs.
  const modules = modulesFolder();
  if (relative(dirname(modules), layout.folder).startsWith('..')) {
    symlinkSync(modules, join(layout.folder, 'node_modules'), 'dir');
  }
}

/** Where tfjs-node looks for its binding. */
export function bindingPath(layout: EngineLayout): string {
  const napi = napiVersion(tfjsNodeFolder());
  return join(layout.package, 'lib', `napi-v${napi}`, 'tfjs_binding.node');
}

/** Compiles tfjs-node's binding against the library and headers that are in the engine's folder. */
export async function compileBinding(layout: EngineLayout, options: CompileOptions): Promise<void> {
  const output = bindingPath(layout);
  mkdirSync(dirname(output), { recursive: true });
  await compileAddon(
    {
      sources: ['tfjs_backend.cc', 'tfjs_binding.cc'].map((name) => join(layout.package, 'binding', name)),
      includeFolders: [nodeHeaders, layout.headers, layout.package],
      libraryFolders: [layout.libraries],
      libraries: ['tensorflow', 'tensorflow_framework'],
      rpath: relative(dirname(output), layout.libraries),
      output,
      flags: [`-DNAPI_VERSION=${napiVersion(layout.package)}`],
    },
    options,
  );
}

/** Sources of the kit's own TensorFlow operations. */
function kernelSources(): string[] {
  if (!existsSync(operations)) return [];
  return visibleNames(operations)
    .filter((name) => name.endsWith('.cc'))
    .map((name) => join(operations, name));
}

/** Compiles the kit's own TensorFlow operations into one library. */
export async function compileKernels(layout: EngineLayout, options: CompileOptions): Promise<void> {
  await compileAddon(
    {
      sources: kernelSources(),
      includeFolders: [nodeHeaders, layout.headers, operations],
      libraryFolders: [layout.libraries],
      libraries: ['tensorflow', 'tensorflow_framework'],
      rpath: relative(layout.folder, layout.libraries),
      output: layout.kernels,
      // The operations are written for the vectors of this very processor.
      flags: ['-pthread', process.platform === 'darwin' ? '-mcpu=native' : '-march=native'],
    },
    options,
  );
}

/** The newest version of Node-API that both tfjs-node and this Node know. */
function napiVersion(folder: string): number {
  const versions: number[] = packageJson(folder).binary.napi_versions;
  return Math.max(...versions.filter((version) => version <= Number(process.versions.napi)));
}

function packageJson(folder: string): { version: string; binary: { napi_versions: number[] } } {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
}

function sourcesIn(folder: string): string[] {
  return visibleNames(folder)
    .filter((name) => /\.(cc|h)$/.test(name))
    .sort()
    .map((name) => join(folder, name));
}

function sha256(files: string[]): string {
  const hash = createHash('sha256');
  for (const file of files) hash.update(`${basename(file)}\n`).update(readFileSync(file));
  return hash.digest('hex');
}
