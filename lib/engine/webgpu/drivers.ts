import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

/**
 * Manifests of the Vulkan drivers on Linux, from where the Vulkan loader takes them: VK_DRIVER_FILES or its
 * older name VK_ICD_FILENAMES where one is set, else the folders of the system and the user.
 */
export function vulkanDrivers(environment: NodeJS.ProcessEnv = process.env): string[] {
  const named = environment.VK_DRIVER_FILES ?? environment.VK_ICD_FILENAMES;
  if (named) return named.split(delimiter).filter((path) => existsSync(path));
  const {
    XDG_CONFIG_HOME = join(homedir(), '.config'),
    XDG_CONFIG_DIRS = '/etc/xdg',
    XDG_DATA_HOME = join(homedir(), '.local', 'share'),
    XDG_DATA_DIRS = '/usr/local/share:/usr/share',
  } = environment;
  const roots = [XDG_CONFIG_HOME, XDG_CONFIG_DIRS, '/usr/local/etc', '/etc', XDG_DATA_HOME, XDG_DATA_DIRS];
  return roots
    .flatMap((list) => list.split(delimiter))
    .map((root) => join(root, 'vulkan', 'icd.d'))
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => readdirSync(folder).map((file) => join(folder, file)))
    .filter((path) => path.endsWith('.json'));
}
