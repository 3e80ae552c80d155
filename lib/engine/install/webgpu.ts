import { existsSync, mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { UserError } from '../../core/errors';
import { lastLine, runChild } from './child';
import { enginesFolder } from './folders';

/** Dawn for Node, 132 MB: too large for a dependency that few machines can use. */
const dawn = 'webgpu@0.6.2';

/** Address of the package webgpu: that of `npm ci`, else that of `mnn engine install webgpu`, else undefined. */
export function webgpuPackage(): string | undefined {
  const folder = join(enginesFolder(), 'webgpu');
  for (const from of [__filename, join(folder, 'package.json')]) {
    try {
      return pathToFileURL(createRequire(from).resolve('webgpu')).href;
    } catch {}
  }
  return undefined;
}

/**
 * Gets the package webgpu with npm if it is not installed, and loads it in a process of its own.
 * @returns a line about it.
 * @throws UserError if npm fails, or the package does not load.
 */
export async function installWebgpu(signal?: AbortSignal): Promise<string> {
  if (!webgpuPackage()) await getWebgpu(signal);
  const url = JSON.stringify(webgpuPackage());
  const script = `import(${url}).catch((error) => { console.error(error.message); process.exit(1); })`;
  const { code, output } = await runChild(process.execPath, ['-e', script], { signal, timeoutMs: 20_000 });
  if (code === 0)
    return 'The package webgpu is installed; `npx mnn doctor` says whether this machine can use it.';
  throw new UserError(`The package webgpu does not load: ${output.trim().split('\n')[0] || 'it crashes'}`);
}

async function getWebgpu(signal?: AbortSignal): Promise<void> {
  const folder = join(enginesFolder(), 'webgpu');
  if (!existsSync(folder)) mkdirSync(folder, { recursive: true });
  const args = ['install', '--prefix', folder, '--no-audit', '--no-fund', '--ignore-scripts', dawn];
  const { code, output } = await runChild('npm', args, { cwd: folder, signal, timeoutMs: 300_000 });
  if (code !== 0) throw new UserError(`npm does not install ${dawn}: ${lastLine(output)}`);
}
