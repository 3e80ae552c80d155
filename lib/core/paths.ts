import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

/** Folder of this package: the same whether the code runs from its sources or compiled below `dist`. */
export const packageRoot: string = findPackageRoot(__dirname);

/** Whether the kit runs in a clone of its repository, which has the sources, and not as an installed package. */
const isClone: boolean = existsSync(join(packageRoot, 'tsconfig.json'));

/** Folder of the kit's own files, which an installed package never writes to: the clone, or the package. */
export const kitRoot: string = isClone ? dirname(packageRoot) : packageRoot;

/** Folder of the project, with `results`, `data`, `runs` and `.engines`: the clone, else the current directory. */
export const projectRoot: string = isClone ? kitRoot : process.cwd();

/** Where checkpoints of runs are kept unless told otherwise. */
export const runsFolder: string = join(projectRoot, 'runs');

/** Where figures are written unless told otherwise. */
export const figuresFolder: string = join(projectRoot, 'results', 'figures');

/** Where the report is written unless told otherwise. */
export const reportFolder: string = join(projectRoot, 'results', 'report');

/** A path, or an argument `--name=path`, with the user's home for `~`, as it comes where no shell has read it. */
export function withHome(path: string): string {
  return path.replace(/^((?:[\w$-]+=)*)~(?=\/|$)/, (_, before) => before + homedir());
}

function findPackageRoot(folder: string): string {
  return existsSync(join(folder, 'package.json')) ? folder : findPackageRoot(dirname(folder));
}
