import { UserError } from '../../core/errors';
import { projectRoot } from '../../core/paths';
import { runChild } from './child';

/**
 * The engine `webgpu` comes with `npm ci`: there is only to see whether its package loads, in a process of its own.
 * @throws UserError where it does not.
 */
export async function checkWebgpu(signal?: AbortSignal): Promise<string> {
  const script = "import('webgpu').catch((error) => { console.error(error.message); process.exit(1); })";
  const { code, output } = await runChild(process.execPath, ['-e', script], {
    cwd: projectRoot,
    signal,
    timeoutMs: 20_000,
  });
  if (code === 0)
    return 'The package webgpu is there; `npx mnn doctor` says whether this machine can use it.';
  const reason = output.trim().split('\n')[0] || 'it crashes';
  throw new UserError(`The package webgpu does not load (${reason}). Get it with: npm ci`);
}
