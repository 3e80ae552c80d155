/**
 * The process that a notebook runs in without Jupyter. It gets the cells' texts from its parent and sends back
 * each output as it comes.
 */

import type { Output } from './format';
import { type DisplayData, Kernel } from './kernel';
import type { SentOutput } from './outputs';

/** What the child tells its parent; `cell` is the place in the list of texts. */
export type ChildMessage =
  | { kind: 'started'; cell: number }
  | { kind: 'output'; cell: number; sent: SentOutput }
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

async function runCells(codes: string[]): Promise<boolean> {
  const kernel = new Kernel();
  for (const [cell, code] of codes.entries()) {
    if (!(await runCell(kernel, code, cell))) return false;
  }
  return true;
}

process.on('disconnect', () => process.exit(1));
process.once('message', async (codes: string[]) => {
  const ok = await runCells(codes);
  process.send?.({ kind: 'finished', ok } satisfies ChildMessage, undefined, {}, () =>
    process.exit(ok ? 0 : 1),
  );
});
