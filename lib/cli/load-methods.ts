import { existsSync, realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { UserError } from '../core/errors';
import { shareOwnPackages } from '../core/own-packages';
import { listMethods } from '../methods';

/** The option for methods that are not the kit's own. */
export function addMethodOptions(command: Command): Command {
  return command.option(
    '--load <file>',
    'TypeScript or JavaScript that registers a method of your own; more than once for several',
    (file: string, files: string[] = []) => [...files, file],
  );
}

/**
 * Runs files that register methods.
 * @throws UserError that names the file and what is wrong with it.
 */
export function loadMethods(files: string[] = []): void {
  for (const path of new Set(files.map(existingFile))) {
    const before = new Set(listMethods());
    try {
      require('tsx/cjs/api').register();
      shareOwnPackages();
      require(path);
    } catch (error) {
      if (error instanceof UserError) throw new UserError(`${path}: ${error.message}`);
      throw new UserError(`${path} does not run: ${(error as Error).stack ?? error}`);
    }
    if (!listMethods().some((method) => !before.has(method))) {
      throw new UserError(`${path} registers no method: it has to call registerMethod.`);
    }
  }
}

/** The same path for the same file, however it is written. */
function existingFile(file: string): string {
  const path = resolve(file);
  if (!existsSync(path)) throw new UserError(`There is no file ${path} to load a method from.`);
  return realpathSync(path);
}
