import { type ChildProcess, fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, extname, join, resolve } from 'node:path';
import { z } from 'zod';
import { UserError } from '../core/errors';
import { writeFileAtomic } from '../core/files';
import {
  type Cell,
  cellSource,
  type ErrorOutput,
  joined,
  type Notebook,
  notebookSchema,
  serializeNotebook,
} from './format';
import type { ChildMessage } from './kernel-child';
import { mergeOutputs, type SentOutput } from './outputs';
import { type ParameterValue, setParameters } from './parameters';

export interface RunNotebookOptions {
  /** The notebook is stopped after this many seconds; 600 unless said otherwise. */
  timeoutSeconds?: number;
  /** New values for constants of the cell tagged `parameters`. */
  set?: Record<string, ParameterValue>;
  /** Where the run notebook is written; over the notebook itself unless said otherwise. */
  output?: string;
}

export interface NotebookResult {
  file: string;
  ok: boolean;
  /** Code cells that were started. */
  cellsRun: number;
  /** The first failure: the cell's place among all cells, counted from 1, and what it threw. */
  error: { cell: number; name: string; message: string } | null;
}

/**
 * Runs a notebook from top to bottom in a kernel of its own, in the notebook's folder, and writes it back with
 * its outputs. A failing cell keeps its error as an output and ends the run; so does running out of time.
 * @throws UserError when the file is no notebook or a parameter is not one of its own.
 */
export async function runNotebook(file: string, options: RunNotebookOptions = {}): Promise<NotebookResult> {
  const notebook = setParameters(readNotebook(file), options.set ?? {}, file);
  const cells = notebook.cells.filter((cell) => cell.cell_type === 'code');
  for (const cell of cells) forgetRun(cell);
  const run = await runCells(
    cells.filter((cell) => cellSource(cell).trim() !== ''),
    dirname(resolve(file)),
    options,
  );
  writeFileAtomic(options.output ?? file, serializeNotebook(notebook));
  return { file, ok: run.ok, cellsRun: run.started, error: firstError(notebook) };
}

/** Takes away what an earlier run left, Jupyter's times included. */
function forgetRun(cell: Cell): void {
  const { execution: _, ...metadata } = cell.metadata;
  Object.assign(cell, { outputs: [], execution_count: null, metadata });
}

/** Reads a notebook file. */
export function readNotebook(file: string): Notebook {
  let notebook: unknown;
  try {
    notebook = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new UserError(`Cannot read the notebook ${file}: ${(error as Error).message}. Check the path.`);
  }
  const parsed = notebookSchema.safeParse(notebook);
  // Not what was parsed: a file keeps its order of fields.
  if (parsed.success) return notebook as Notebook;
  throw new UserError(
    `${file} is no notebook of format 4:\n${z.prettifyError(parsed.error)}\nSave it with a current Jupyter.`,
  );
}

function runCells(
  cells: Cell[],
  folder: string,
  { timeoutSeconds = 600 }: RunNotebookOptions,
): Promise<{ ok: boolean; started: number }> {
  const sent: SentOutput[][] = cells.map(() => []);
  const child = startKernel(folder);
  let started = 0;
  let ok: boolean | null = null;
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    child.kill('SIGKILL');
  }, timeoutSeconds * 1000);
  let complaints = '';
  child.stderr?.on('data', (text) => {
    complaints = (complaints + text).slice(-2000);
  });
  child.on('message', (message: ChildMessage) => {
    if (message.kind === 'output') sent[message.cell].push(message.sent);
    else if (message.kind === 'started') cells[message.cell].execution_count = started = message.cell + 1;
    else ok = message.ok;
  });
  child.send(cells.map(cellSource));
  return new Promise((done) => {
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      const end = late ? timeout(timeoutSeconds) : kernelDeath(signal ?? `exit status ${code}`, complaints);
      if (ok === null) sent[Math.max(started - 1, 0)]?.push({ output: end });
      for (const [i, outputs] of mergeOutputs(sent).entries()) cells[i].outputs = outputs;
      done({ ok: ok ?? false, started });
    });
  });
}

function startKernel(folder: string): ChildProcess {
  const extension = extname(__filename);
  // From TypeScript sources, as in the kit's own tests, the child needs the same loader.
  const execArgv = extension === '.ts' ? ['--require', require.resolve('tsx/cjs')] : undefined;
  return fork(join(__dirname, `kernel-child${extension}`), {
    cwd: folder,
    execArgv,
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
}

function timeout(seconds: number): ErrorOutput {
  return failure(
    'TimeoutError',
    `The notebook was stopped: it ran longer than ${seconds} s. Allow more time.`,
  );
}

function kernelDeath(how: string, complaints: string): ErrorOutput {
  return failure('KernelDied', `The kernel ended in this cell (${how}). ${complaints}`.trim());
}

function failure(ename: string, evalue: string): ErrorOutput {
  return { output_type: 'error', ename, evalue, traceback: [`${ename}: ${joined(evalue)}`] };
}

function firstError(notebook: Notebook): NotebookResult['error'] {
  for (const [i, cell] of notebook.cells.entries()) {
    const error = cell.outputs?.find((output) => output.output_type === 'error');
    if (error) return { cell: i + 1, name: error.ename, message: error.evalue };
  }
  return null;
}
