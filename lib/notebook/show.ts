import { randomUUID } from 'node:crypto';

/** One output in several forms, by MIME type; a viewer shows the richest one that it can. */
export type MimeBundle = Record<string, unknown>;

type DisplayWriter = (
  output: { data: MimeBundle; metadata: Record<string, unknown>; transient: Record<string, unknown> },
  update: boolean,
) => void;

/** Whether this code runs in a notebook's cell. */
export function inNotebook(): boolean {
  return notebookWriter() !== null;
}

/** Shows an output below the cell; outside a notebook prints its text. */
export function show(bundle: MimeBundle): void {
  const write = notebookWriter();
  if (write === null) console.log(bundle['text/plain']);
  else write({ data: bundle, metadata: {}, transient: {} }, false);
}

/** An output that is shown again and again in its place; a saved notebook holds the last. Nothing in a terminal. */
export class LiveOutput {
  private readonly id = randomUUID();
  private shown = false;
  private shownAt = Number.NEGATIVE_INFINITY;

  /** `interval` is the shortest time between two outputs, in milliseconds. */
  constructor(private readonly interval: number) {}

  /** Whether the latest output is old enough that the next is worth making. */
  due(): boolean {
    return inNotebook() && performance.now() - this.shownAt >= this.interval;
  }

  show(bundle: MimeBundle): void {
    this.shownAt = performance.now();
    notebookWriter()?.({ data: bundle, metadata: {}, transient: { display_id: this.id } }, this.shown);
    this.shown = true;
  }
}

/**
 * The running kernel's way to send an output, or null outside a notebook. tslab's public `display` sends one
 * MIME type at a time, which would show a chart twice. Only a kernel has tslab loaded, so nothing is loaded here.
 */
function notebookWriter(): DisplayWriter | null {
  const kernel = require.cache[require.resolve('tslab/dist/jupyter.js')];
  return (kernel?.exports.lastWriteDisplayData as DisplayWriter | null | undefined) ?? null;
}
