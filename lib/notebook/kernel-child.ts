/**
 * The process that a notebook runs in without Jupyter. It gets the cells' texts from its parent and sends back
 * each output as it comes.
 */

import { Worker } from 'node:worker_threads';
import type { Output } from './format';
import { type DisplayData, Kernel } from './kernel';
import type { SentOutput } from './outputs';

/** What the parent tells the child: the cells' texts, once, and that it is to stop. */
export type ParentMessage = { cells: string[] } | 'stop';

/** What the child tells its parent; `cell` is the place in the list of texts. */
export type ChildMessage =
  | { kind: 'started'; cell: number }
  | { kind: 'output'; cell: number; sent: SentOutput }
  | { kind: 'stopping' }
  | { kind: 'finished'; ok: boolean };

function send(message: ChildMessage): void {
  process.send?.(message);
}

async function runCell(kernel: Kernel, code: string, cell: number): Promise<boolean> {
  const sendOutput = (output: Output, more: Omit<SentOutput, 'output'> = {}) =>
    send({ kind: 'output', cell, sent: { output, ...more } });
  send({ kind: 'started', cell });
  const { status, error } = await kernel.run(code, {
    stream: (name, text) => sendOutput({ output_type: 'stream', name, text }),
    display: ({ data, metadata, transient }: DisplayData, update) =>
      sendOutput(
        { output_type: 'display_data', data, metadata: metadata ?? {} },
        { displayId: transient?.display_id, update },
      ),
  });
  if (error) sendOutput(error);
  return status === 'ok';
}

async function runCells(kernel: Kernel, codes: string[]): Promise<boolean> {
  for (const [cell, code] of codes.entries()) {
    if (!(await runCell(kernel, code, cell))) return false;
  }
  return true;
}

/** Ends with the parent: at once, and from a thread of its own where a cell never comes to its end. */
function endWithParent(): void {
  process.on('disconnect', () => process.exit(1));
  const watch = `const parent = ${process.ppid};
    setInterval(() => process.ppid === parent || process.kill(process.pid, 'SIGKILL'), 1000);`;
  new Worker(watch, { eval: true, execArgv: [] }).unref();
}

endWithParent();
const kernel = new Kernel();
// While a cell computes, tslab ends it at this signal; the parent asks for that.
process.on('SIGINT', () => {});
process.on('message', async (message: ParentMessage) => {
  if (message === 'stop') {
    send({ kind: 'stopping' });
    return kernel.interrupt();
  }
  const ok = await runCells(kernel, message.cells);
  process.send?.({ kind: 'finished', ok } satisfies ChildMessage, undefined, {}, () =>
    process.exit(ok ? 0 : 1),
  );
});
