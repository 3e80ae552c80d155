import { join } from 'node:path';
import { projectRoot } from './package-root';

/** Where checkpoints of runs are kept unless told otherwise. */
export const runsFolder: string = join(projectRoot, 'runs');

/** Where figures are written unless told otherwise. */
export const figuresFolder: string = join(projectRoot, 'results', 'figures');
