import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { UserError, unknownName } from '../../core/errors';
import { enginesFolder, type InstalledName, installedNames } from './folders';

/** The engines that are in their place, whole or not. */
function installedEngines(): InstalledName[] {
  return installedNames.filter((name) => existsSync(join(enginesFolder(), name)));
}

/**
 * Removes an installed engine; `native` stands for all of them. Returns the names of those removed.
 * @throws UserError where the name is unknown or nothing of it is installed.
 */
export function removeEngine(name: string): InstalledName[] {
  if (name !== 'native' && !installedNames.includes(name as InstalledName)) {
    throw unknownName('installed engine', name, ['native', ...installedNames]);
  }
  const removed = installedEngines().filter((installed) => name === 'native' || name === installed);
  if (removed.length === 0) throw new UserError(`${name} is not installed in ${enginesFolder()}.`);
  for (const installed of removed) rmSync(join(enginesFolder(), installed), { recursive: true });
  return removed;
}
