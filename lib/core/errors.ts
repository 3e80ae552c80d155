/**
 * An error that the user can mend. Its message names the bad value, where it stands, and the way out;
 * the command line prints it without a stack trace.
 */
export class UserError extends Error {
  override name = 'UserError';
  /** What the command line ends with. */
  readonly exitCode: number = 1;
}

/** What a command ends with that was stopped and goes on where it was when it is given again (EX_TEMPFAIL). */
const resumableExitCode = 75;

/** The work was stopped from outside, by Ctrl-C for example; the message says what was kept. */
export class Interrupted extends Error {
  override name = 'Interrupted';
  /** What the command line ends with. */
  readonly exitCode: number;

  /**
   * @param saved whether the same command goes on where this one was
   * @param signal whose reason is the name of the system's signal, where there was one
   */
  constructor(message: string, { saved = false, signal }: { saved?: boolean; signal?: AbortSignal } = {}) {
    super(message);
    // A person at the keyboard needs no second try; whoever sends the others, a scheduler for example, does.
    const isResumable = saved && ['SIGTERM', 'SIGUSR1', 'SIGHUP'].includes(signal?.reason);
    this.exitCode = isResumable ? resumableExitCode : 130;
  }
}

/** The error for a name that is not in a list: says what is known and, where one is close, what was meant. */
export function unknownName(kind: string, name: string, known: readonly string[]): UserError {
  const distances = known.map((candidate) => editDistance(letters(candidate), letters(name)));
  const least = Math.min(2, ...distances);
  const near = known.filter((_, i) => distances[i] === least);
  const hint = near.length > 0 ? ` Did you mean ${near.join(' or ')}?` : '';
  return new UserError(`Unknown ${kind} '${name}'.${hint} Known: ${known.join(', ')}.`);
}

/** A name without what people write differently: CIFAR-10 is cifar10. */
function letters(name: string): string {
  return name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(row[j] + 1, next[j - 1] + 1, substitution));
    }
    row = next;
  }
  return row[b.length];
}

/** Memory that could not be had; the message says what takes less. */
export class OutOfMemory extends UserError {
  override name = 'OutOfMemory';
  /** @param what whatever was to be kept in it, for example `50000 images` */
  constructor(what: string, cause?: unknown) {
    super(
      `There is not enough memory for ${what}. Take a smaller --batch-size or --width, fewer images (--train, ` +
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
