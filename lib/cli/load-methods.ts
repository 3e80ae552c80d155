import { existsSync, realpathSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { UserError } from '../core/errors';
import { refusedBySystem } from '../core/files';
import { shareOwnPackages } from '../core/own-packages';
import { packageRoot } from '../core/paths';
import { registeredDatasets } from '../data';
import { listMethods } from '../methods';

/** The option for methods and datasets of your own. */
export function addMethodOptions(command: Command): Command {
  return command.option(
    '--load <file>',
    'TypeScript or JavaScript that registers a method or dataset of your own; more than once for several',
    (file: string, files: string[] = []) => [...files, file],
  );
}

/**
 * Runs files that register methods or datasets.
 * @throws UserError that names the file and what is wrong with it.
 */
export function loadMethods(files: string[] = []): void {
  for (const path of new Set(files.map(existingFile))) {
    const before = new Set(known());
    try {
      require('tsx/cjs/api').register();
      shareOwnPackages();
      require(path);
    } catch (error) {
      throw loadingFailed(path, error);
    }
    if (!known().some((each) => !before.has(each))) {
      throw new UserError(
        `${path} registers no method or dataset: it has to call registerMethod or registerDataset.`,
      );
    }
  }
}

function known(): unknown[] {
  return [...listMethods(), ...registeredDatasets()];
}

/** What keeps a file from being loaded: for a fault in it with its own lines of the stack, and no others. */
function loadingFailed(path: string, error: unknown): UserError {
  if (error instanceof UserError) return new UserError(`${path}: ${error.message}`);
  const refused = refusedBySystem(error);
  if (refused) return refused;
  if (!(error instanceof Error)) return new UserError(`${path} does not run: it throws ${String(error)}.`);
  const { code, message, stack = message } = error as NodeJS.ErrnoException & { requireStack?: string[] };
  if (code === 'MODULE_NOT_FOUND') {
    const [missing] = message.split('\n');
    return new UserError(
      `${path} does not run: ${missing}. Install it beside that file, or mend the name of the file it imports.`,
    );
  }
  const [what, ...frames] = stack.split(/\n(?= {4}at )/);
  const own = frames.filter(
    (line) => !/node:|[\\/]node_modules[\\/]/.test(line) && !line.includes(packageRoot),
  );
  return new UserError(`${path} does not run: ${[what.trim(), ...own].join('\n')}`);
}

/** The same path for the same file, however it is written. */
function existingFile(file: string): string {
  const path = resolve(file);
  if (!existsSync(path)) throw new UserError(`There is no file ${path} to load a method from.`);
  if (statSync(path).isDirectory())
    throw new UserError(`${path} is a folder: name the file that registers a method.`);
  return realpathSync(path);
}
