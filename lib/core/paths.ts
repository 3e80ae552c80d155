import { homedir } from 'node:os';
import { join } from 'node:path';
import { projectRoot } from './package-root';

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
