import { readFileSync } from 'node:fs';
import Module from 'node:module';
import { dirname, join, relative } from 'node:path';
import { packageRoot } from './paths';

type Resolve = (request: string, parent: unknown, ...rest: unknown[]) => string;

/** Node's own, which the types of Node leave out; tsx replaces it in the same way. */
const loader = Module as unknown as { _resolveFilename: Resolve };
/** The library that runs here, from its sources or compiled. */
const library = dirname(__dirname);
let shared = false;

/**
 * Lets files outside the kit's folder, a method of one's own for example, import the kit by its name and the packages
 * that the kit itself has, zod for example. What such a file finds without help goes first.
 */
export function shareOwnPackages(): void {
  if (shared) return;
  shared = true;
  const resolve = loader._resolveFilename;
  const { name } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8'));
  const find: Resolve = (request, parent, ...rest) => {
    if (request === name) return resolve(join(library, 'index'), module, ...rest);
    const path = resolve(request, parent, ...rest);
    const own = sameModule(path);
    return own ? resolve(own, module, ...rest) : path;
  };
  loader._resolveFilename = (request, parent, ...rest) => {
    try {
      return find(request, parent, ...rest);
    } catch (error) {
      const isPackage = /^[@a-z]/i.test(request);
      if (!isPackage || (error as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') throw error;
      try {
        return resolve(request, module);
      } catch {
        throw error;
      }
    }
  };
}

/**
 * For a module of the library the one that runs here, compiled or not: a second library beside this one would have
 * registers of its own.
 */
function sameModule(path: string): string | undefined {
  const [, inside] = /^(?:dist[\\/])?([^.].*)\.[jt]s$/.exec(relative(packageRoot, path)) ?? [];
  return inside === undefined ? undefined : join(library, inside);
}
