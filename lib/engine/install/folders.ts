import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { packageRoot, projectRoot, withHome } from '../../core/paths';

/** The package whose JavaScript and binding every native engine has; with either library it is the same. */
export const tfjsNode = '@tensorflow/tfjs-node-gpu';

/** Folder of tfjs-node: inside an installed kit, which so runs none of its install scripts, else from `npm ci`. */
export function tfjsNodeFolder(): string {
  const inside = join(packageRoot, 'vendor', 'tfjs-node-gpu');
  return existsSync(inside) ? inside : dirname(require.resolve(`${tfjsNode}/package.json`));
}

/** The node_modules folder with the packages that TensorFlow.js needs. */
export function modulesFolder(): string {
  return dirname(dirname(dirname(require.resolve('@tensorflow/tfjs/package.json'))));
}

/** The engines that are installed by the kit; the one with a GPU is preferred. */
export const installedNames = ['native-gpu', 'native-cpu'] as const;
export type InstalledName = (typeof installedNames)[number];

/**
 * Folder of the installed engines: the variable MNN_ENGINES, else `.engines` in the project, where `npm ci` leaves
 * them alone.
 */
export function enginesFolder(): string {
  return withHome(process.env.MNN_ENGINES ?? join(projectRoot, '.engines'));
}

/** What lies where in the folder of an engine. */
export function engineLayout(folder: string) {
  return {
    folder,
    /** tfjs-node's own files, with TensorFlow below `deps`. */
    package: join(folder, 'package'),
    libraries: join(folder, 'package', 'deps', 'lib'),
    headers: join(folder, 'package', 'deps', 'include'),
    /** The kit's own TensorFlow operations, compiled. */
    kernels: join(folder, 'mnn_kernels.node'),
    manifest: join(folder, 'engine.json'),
  };
}
export type EngineLayout = ReturnType<typeof engineLayout>;
