/**
 * The wish of whoever runs this code that it stops: a notebook's kernel has one for each cell. Work that is given
 * no signal of its own looks at this one.
 */

let current: Interruption | undefined;

/** One piece of work that can be asked to stop. */
export class Interruption {
  private readonly controller = new AbortController();
  private watched = false;

  /** Makes this the one that `interruptSignal` tells of, until the next begins. */
  begin(): void {
    current = this;
  }

  end(): void {
    if (current === this) current = undefined;
  }

  /** Asks the work to stop; false where it never looked at the signal, and so will not. */
  request(): boolean {
    this.controller.abort();
    return this.watched;
  }

  watch(): AbortSignal {
    this.watched = true;
    return this.controller.signal;
  }
}

/** Aborts when the running notebook cell is interrupted; undefined outside a notebook. */
export function interruptSignal(): AbortSignal | undefined {
  return current?.watch();
}
