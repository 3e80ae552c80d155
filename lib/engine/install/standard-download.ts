import { readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { UserError } from '../../core/errors';
import { lastLine, runChild } from './child';
import { type EngineLayout, modulesFolder } from './folders';

export interface DownloadOptions {
  gpu: boolean;
  env: NodeJS.ProcessEnv;
  signal?: AbortSignal;
}

/**
 * Lets tfjs-node's own script download its prebuilt binding and the C library of TensorFlow.
 * @throws UserError where that is refused or not reached.
 */
export async function standardDownload(layout: EngineLayout, options: DownloadOptions): Promise<void> {
  const { gpu, env, signal } = options;
  const refusal = await probeStandardDownload(options);
  if (refusal) throw new UserError(refusal);
  const programs = join(modulesFolder(), '.bin');
  const script = join(layout.package, 'scripts', 'install.js');
  const { code, output } = await runChild(process.execPath, [script, gpu ? 'gpu' : 'cpu', 'download'], {
    cwd: layout.package,
    env: { ...env, PATH: `${programs}${delimiter}${env.PATH ?? ''}` },
    signal,
    timeoutMs: 60_000,
    pulse: () => readdirSync(layout.package, { recursive: true }).length,
  }).catch((error) => {
    if (signal?.aborted) throw error;
    throw new UserError(`the download was stopped: ${error.message}`);
  });
  if (code !== 0) throw new UserError(/^\w*Error: .*$/m.exec(output)?.[0] ?? lastLine(output));
}

/** Why tfjs-node's own download is of no use here; undefined where its host offers the library. */
export async function probeStandardDownload({
  gpu,
  env,
  signal,
}: DownloadOptions): Promise<string | undefined> {
  const url = libraryUrl(gpu, env);
  const { host } = new URL(url);
  const timeout = AbortSignal.timeout(3_000);
  try {
    const response = await fetch(url, {
      method: 'HEAD',
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    });
    return response.ok ? undefined : `${host} answers ${response.status} ${response.statusText}`.trim();
  } catch (error) {
    if (signal?.aborted) throw error;
    const { message, cause } = error as Error & { cause?: NodeJS.ErrnoException };
    return `${host} is not reached (${cause?.code ?? message})`;
  }
}

/** Address of the library for the commonest machines: the others' lie on the same host. */
function libraryUrl(gpu: boolean, env: NodeJS.ProcessEnv): string {
  const host = env.TFJS_NODE_CDN_STORAGE ?? env.CDN_STORAGE ?? 'https://storage.googleapis.com/';
  return `${host}tensorflow/libtensorflow/libtensorflow-${gpu ? 'gpu' : 'cpu'}-linux-x86_64-2.9.1.tar.gz`;
}
