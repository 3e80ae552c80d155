import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Source } from './sources';

/** Folders that killed installs were filling; removing them is for whoever holds the lock. */
export function removeHalfFilled({ folder }: Source, dataFolder: string): string[] {
  if (!existsSync(dataFolder)) return [];
  const names = readdirSync(dataFolder).filter(
    (name) => name.startsWith(`${folder}.`) && /^\d+\.tmp$/.test(name.slice(folder.length + 1)),
  );
  return names.map((name) => join(dataFolder, name)).map(remove);
}

/** The download that was not finished, and what tells where it came from. */
export function removeUnfinished({ archive }: Source, dataFolder: string): string[] {
  return [`${archive.file}.part`, `${archive.file}.part.json`]
    .map((name) => join(dataFolder, name))
    .filter(existsSync)
    .map(remove);
}

function remove(path: string): string {
  rmSync(path, { recursive: true, force: true });
  return path;
}
