import { UserError } from '../../core/errors';
import { provable } from '../native/load';
import { type Outcome, prove } from '../proof';
import { BuildError } from './compile';
import type { EngineLayout } from './folders';

/** The engine was made and starts, but computes something wrong on this processor. */
export class NotRightError extends UserError {
  override readonly exitCode = 3;
}

/**
 * Starts an engine in a process of its own, with the kit's operations when they are compiled, and compares what it
 * computes with values in double precision.
 * @throws BuildError if it does not start.
 */
export async function verifyEngine(layout: EngineLayout, signal?: AbortSignal): Promise<Outcome> {
  try {
    return await prove(provable('the engine', layout), { signal });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new BuildError(`The engine was made, but does not work: ${(error as Error).message}.`);
  }
}

/** @throws NotRightError if TensorFlow computed something wrong, or crashed or hung. */
export function checkRight({ tensorflow }: Outcome): void {
  if (tensorflow.wrong === null) return;
  throw new NotRightError(
    `Native TensorFlow is not right on this processor: ${tensorflow.wrong}. ` +
      'Another engine computes instead, by itself; a newer wheel of TensorFlow may help (--from).',
  );
}
