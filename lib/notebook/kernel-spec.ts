import { existsSync, readFileSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { UserError } from '../core/errors';
import { writeFileAtomic } from '../core/files';
import { packageRoot } from '../core/paths';

/** The kernel's name in notebooks and for `jupyter --kernel`. */
export const kernelName = 'mnn-kit';
export const kernelTitle = 'TypeScript (MNN Kit)';

/** A kernel spec of the kit that is there. */
export interface InstalledKernel {
  folder: string;
  /** What starts the kernel: Node and the kit's command line. */
  command: string[];
  /** What of the command is no longer there; such a kernel does not start. */
  missing: string[];
}

/**
 * Writes the kernel spec of this copy of the kit, where Jupyter and VS Code find it: for the user, or below a
 * prefix such as a virtual environment. It names Node and this folder in full, since Jupyter starts a kernel in
 * the notebook's folder; move the project, and it has to be installed again.
 * @returns the spec's folder.
 */
export function installKernel(prefix?: string): string {
  const folder = join(kernelsFolder(prefix), kernelName);
  const spec = {
    argv: [process.execPath, join(packageRoot, 'cli', 'mnn.cjs'), 'kernel', 'start', '{connection_file}'],
    display_name: kernelTitle,
    language: 'typescript',
    interrupt_mode: 'signal',
  };
  writeFileAtomic(join(folder, 'kernel.json'), `${JSON.stringify(spec, null, 2)}\n`);
  return folder;
}

/** The kit's kernel specs: the user's, those of the active environments and the system's, and below a prefix. */
export function installedKernels(prefix?: string): InstalledKernel[] {
  const folders = [...new Set([...(prefix ? [kernelsFolder(prefix)] : []), ...searchedFolders()])];
  return folders
    .map((folder) => join(folder, kernelName))
    .filter((folder) => existsSync(join(folder, 'kernel.json')))
    .map((folder) => {
      const command = readCommand(join(folder, 'kernel.json'));
      return { folder, command, missing: command.slice(0, 2).filter((path) => !existsSync(path)) };
    });
}

/**
 * Removes the kernel spec that `installKernel` writes with the same prefix; returns its folder.
 * @throws UserError where there is none.
 */
export function removeKernel(prefix?: string): string {
  const folder = join(kernelsFolder(prefix), kernelName);
  if (existsSync(folder)) {
    rmSync(folder, { recursive: true });
    return folder;
  }
  const others = installedKernels(prefix).map((kernel) => kernel.folder);
  throw new UserError(
    `There is no kernel ${folder}.${others.length > 0 ? ` There is one in ${others.join(' and ')}.` : ''}`,
  );
}

function kernelsFolder(prefix: string | undefined): string {
  return join(prefix === undefined ? userFolder() : join(prefix, 'share', 'jupyter'), 'kernels');
}

/** Jupyter's data folder of the user, as `jupyter --paths` tells it. */
function userFolder(): string {
  const { JUPYTER_DATA_DIR, XDG_DATA_HOME, APPDATA } = process.env;
  if (JUPYTER_DATA_DIR) return JUPYTER_DATA_DIR;
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Jupyter');
  if (process.platform === 'win32') return join(APPDATA ?? join(homedir(), 'AppData', 'Roaming'), 'jupyter');
  return join(XDG_DATA_HOME || join(homedir(), '.local', 'share'), 'jupyter');
}

function searchedFolders(): string[] {
  const { VIRTUAL_ENV, CONDA_PREFIX } = process.env;
  const system = process.platform === 'win32' ? [] : ['/usr/local', '/usr'];
  const prefixes = [VIRTUAL_ENV, CONDA_PREFIX, ...system].filter((path) => path !== undefined && path !== '');
  return [undefined, ...prefixes].map(kernelsFolder);
}

function readCommand(file: string): string[] {
  try {
    const { argv } = JSON.parse(readFileSync(file, 'utf8'));
    if (Array.isArray(argv)) return argv.map(String);
  } catch {
    // Said below, together with what else may be wrong with it.
  }
  throw new UserError(
    `${file} is no kernel spec. Write it again: npx mnn kernel install, or remove ${dirname(file)}.`,
  );
}
