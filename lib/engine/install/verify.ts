import { join } from 'node:path';
import { z } from 'zod';
import { packageRoot } from '../../core/package-root';
import { lastLine, runChild } from './child';
import { BuildError } from './compile';
import type { EngineLayout } from './folders';

const answerSchema = z.object({ version: z.string(), device: z.enum(['CPU', 'GPU']) });
export type Verified = z.infer<typeof answerSchema>;

/**
 * Starts an engine in a process of its own, with the kit's operations where they are compiled, and lets it compute
 * something small.
 * @throws BuildError where it does not start or computes something else.
 */
export async function verifyEngine(layout: EngineLayout, signal?: AbortSignal): Promise<Verified> {
  const script = join(packageRoot, 'engine', 'install', 'try-engine.cjs');
  try {
    const options = { signal, patience: 60_000 };
    const { code, output } = await runChild(
      process.execPath,
      [script, layout.package, layout.kernels],
      options,
    );
    if (code !== 0) throw new Error(errorIn(output) ?? `it ends with ${code ?? 'a crash'}`);
    return answerSchema.parse(JSON.parse(lastLine(output)));
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new BuildError(`The engine was made, but does not work: ${(error as Error).message}.`);
  }
}

function errorIn(output: string): string | undefined {
  return /^(?:\w*Error): (.*)$/m.exec(output)?.[1];
}
