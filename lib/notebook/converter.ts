import { createRequire } from 'node:module';
import { join, relative, sep } from 'node:path';
import { type Converter, createConverter } from 'tslab/dist/converter.js';
import { loopsAwaitingAtTop, withImportMeta, withoutExports, withPlainSyntax } from './cell-source';
import { withoutUsing } from './using';

/**
 * tslab's compiler for cells of a notebook in the current folder, which takes `export`, `for await`, `using` and
 * `import.meta` in a cell as in a file, and finds the packages of the kit from any folder.
 */
export function cellConverter(): Converter {
  const folder = process.cwd();
  const place = belowPackages(folder);
  const converter = place.whileThere(() => createConverter({ isJS: false, isBrowser: false }));
  return {
    ...converter,
    convert: (declared, source) => {
      const converted = converter.convert(declared, withoutUsing(withPlainSyntax(withoutExports(source))));
      return {
        ...converted,
        hasToplevelAwait: converted.hasToplevelAwait || loopsAwaitingAtTop(source),
        diagnostics: converted.diagnostics.map(({ messageText, ...rest }) => ({
          ...rest,
          messageText: place.realIn(messageText),
        })),
        output: converted.output && withImportMeta(converted.output, join(folder, 'cell.ts')),
        sideOutputs: converted.sideOutputs?.map(({ path, data }) => {
          const file = place.real(path);
          return { path: file, data: withImportMeta(data, file) };
        }),
      };
    },
  };
}

interface Place {
  /** Does something while the compiler takes the notebook's folder for the current one. */
  whileThere: <T>(work: () => T) => T;
  /** The path on the disk of a file that the compiler tells of. */
  real: (path: string) => string;
  /** A text of the compiler with such paths in it. */
  realIn: (text: string) => string;
}

/**
 * The compiler declares the variables of a cell for the next, types of the kit's packages among them. It can name those,
 * zod's for example, only in a folder below the one with `node_modules`. To the compiler all folders are there: it
 * sees the root of the disk as a folder of that one.
 */
function belowPackages(folder: string): Place {
  const packages = packagesRoot();
  if (process.platform === 'win32' || isIn(packages, folder))
    return { whileThere: (work) => work(), real: (path) => path, realIn: (text) => text };
  const root = join(packages, '.disk');
  const real = (path: string) => (isIn(root, path) ? path.slice(root.length) || '/' : path);
  const seen = (path: string) => (isIn(packages, path) ? path : root + path);
  const system = compilerSystem();
  const { fileExists, readFile, directoryExists, getDirectories, getModifiedTime } = system;
  const { readDirectory, realpath, watchFile, getCurrentDirectory } = system;
  Object.assign(system, {
    fileExists: (path) => fileExists(real(path)),
    readFile: (path, encoding) => readFile(real(path), encoding),
    directoryExists: (path) => directoryExists(real(path)),
    getDirectories: (path) => getDirectories(real(path)),
    getModifiedTime: (path) => getModifiedTime?.(real(path)),
    readDirectory: (path, ...rest) => readDirectory(real(path), ...rest).map(seen),
    realpath: (path) => seen(realpath?.(real(path)) ?? real(path)),
    watchFile: (path, callback, ...rest) =>
      watchFile!(real(path), (_, ...event) => callback(path, ...event), ...rest),
  } satisfies Partial<System>);
  const whileThere: Place['whileThere'] = (work) => {
    system.getCurrentDirectory = () => root + folder;
    try {
      return work();
    } finally {
      system.getCurrentDirectory = getCurrentDirectory;
    }
  };
  return { whileThere, real, realIn: (text) => text.replaceAll(root, '') };
}

type System = typeof import('typescript').sys;

/** The file system of the compiler that tslab brings along. */
function compilerSystem(): System {
  return createRequire(require.resolve('tslab/dist/converter.js'))('@tslab/typescript-for-tslab').sys;
}

/** The folder whose `node_modules` has the kit's packages. */
function packagesRoot(): string {
  const file = require.resolve('zod');
  return file.slice(0, file.lastIndexOf(`${sep}node_modules${sep}`));
}

function isIn(folder: string, path: string): boolean {
  return path === folder || !relative(folder, path).startsWith('..');
}
