import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Folder of this package: the same whether the code runs from its sources or compiled below `dist`. */
export const packageRoot: string = findPackageRoot(__dirname);

/** Top folder of the project, which holds `results` and, by default, `data` and `runs`. */
export const projectRoot: string = dirname(packageRoot);

function findPackageRoot(folder: string): string {
  return existsSync(join(folder, 'package.json')) ? folder : findPackageRoot(dirname(folder));
}
