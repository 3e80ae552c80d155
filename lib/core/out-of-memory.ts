import { UserError } from './errors';

/** Memory that could not be had; the message says what takes less. */
export class OutOfMemory extends UserError {
  override name = 'OutOfMemory';
  /** @param what whatever was to be kept in it, for example `50000 pictures` */
  constructor(what: string, cause?: unknown) {
    super(
      `There is not enough memory for ${what}. Take a smaller --batch-size or --width, fewer pictures (--train, ` +
        '--test) or --workers, or a machine with more; a run goes on from its last checkpoint.',
    );
    this.cause = cause;
  }
}

/** Whether an engine, or Node itself, failed for want of memory: each has its own words for it. */
const patterns = /allocation failed|invalid (typed )?array( buffer)? length|out of memory|\bOOM\b|bad_alloc/i;

/** The error itself, or where it tells of missing memory one that says what takes less. */
export function explainMemory(error: unknown): unknown {
  if (error instanceof UserError || !(error instanceof Error) || !patterns.test(error.message)) return error;
  return new OutOfMemory(`the next step (${error.message.replace(/\s+/g, ' ')})`, error);
}
