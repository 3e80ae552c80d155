/**
 * The process that a notebook runs in: tslab's own kernel, without its sockets. It gets the cells' texts from
 * its parent and sends back each output as it comes.
 */

import { formatWithOptions } from 'node:util';
import { createConverter } from 'tslab/dist/converter.js';
import { createExecutor } from 'tslab/dist/executor.js';
import { JupyterHandlerImpl } from 'tslab/dist/jupyter.js';
import type { ErrorOutput, Output } from './format';
import type { SentOutput } from './outputs';

/** What the child tells its parent; `cell` is the place in the list of texts. */
export type ChildMessage =
  | { kind: 'started'; cell: number }
  | { kind: 'output'; cell: number; sent: SentOutput }
  | { kind: 'finished'; ok: boolean };

interface DisplayData {
  data: Record<string, unknown>;
  metadata?: Record<string, unknown>;
  transient?: { display_id?: string };
}

let current = 0;
let failed = false;

function send(message: ChildMessage): void {
  process.send?.(message);
}

function sendOutput(cell: number, output: Output, more: Omit<SentOutput, 'output'> = {}): void {
  send({ kind: 'output', cell, sent: { output, ...more } });
}

function reportError(...problem: unknown[]): void {
  failed = true;
  sendOutput(current, errorOutput(problem));
}

/** tslab hands over either what the cell threw, or a format and the parts of a compiler's message. */
function errorOutput(problem: unknown[]): ErrorOutput {
  const [thrown] = problem;
  if (thrown instanceof Error) {
    const traceback = (thrown.stack ?? thrown.message).split('\n').filter((line) => !isKernelFrame(line));
    return { output_type: 'error', ename: thrown.name, evalue: thrown.message, traceback };
  }
  const evalue = formatWithOptions({ colors: false }, ...problem);
  const ename = problem.length > 1 ? 'CompilerError' : 'Error';
  return { output_type: 'error', ename, evalue, traceback: [`${ename}: ${evalue}`] };
}

/** Whether a line of a stack trace is of Node or the kernel: noise, and different between machines. */
function isKernelFrame(line: string): boolean {
  return /^\s+at .*(node:|node_modules|evalmachine|kernel-child)/.test(line);
}

async function runCell(handler: JupyterHandlerImpl, code: string, cell: number): Promise<boolean> {
  current = cell;
  send({ kind: 'started', cell });
  const request = {
    code,
    silent: false,
    store_history: true,
    user_expressions: {},
    allow_stdin: false,
    stop_on_error: true,
  };
  const reply = await handler.handleExecute(
    request,
    (name, text) => sendOutput(cell, { output_type: 'stream', name: name as 'stdout' | 'stderr', text }),
    ({ data, metadata, transient }: DisplayData, update) =>
      sendOutput(
        cell,
        { output_type: 'display_data', data, metadata: metadata ?? {} },
        { displayId: transient?.display_id, update: update ?? false },
      ),
  );
  // A promise that nobody awaits fails between cells.
  await new Promise((resolve) => setImmediate(resolve));
  return reply.status === 'ok' && !failed;
}

async function runCells(codes: string[]): Promise<boolean> {
  const node = createConverter({ isJS: false, isBrowser: false });
  const converters = { node, browser: node, close: () => node.close() };
  const executor = createExecutor(process.cwd(), converters, { log: console.log, error: reportError });
  const handler = new JupyterHandlerImpl(executor, false);
  for (const [cell, code] of codes.entries()) {
    if (!(await runCell(handler, code, cell))) return false;
  }
  return true;
}

process.on('uncaughtException', reportError);
process.on('unhandledRejection', reportError);
process.on('disconnect', () => process.exit(1));
process.once('message', async (codes: string[]) => {
  const ok = await runCells(codes);
  process.send?.({ kind: 'finished', ok } satisfies ChildMessage, undefined, {}, () =>
    process.exit(ok ? 0 : 1),
  );
});
