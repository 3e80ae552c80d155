import { type ChildProcess, fork } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, extname, join, resolve } from 'node:path';
import { z } from 'zod';
import { UserError } from '../core/errors';
import { checkFileWritable, writeFileAtomic } from '../core/files';
import {
  type Cell,
  cellSource,
  type ErrorOutput,
  joined,
  type Notebook,
  notebookSchema,
  outputsSchema,
  serializeNotebook,
} from './format';
import type { ChildMessage, ParentMessage } from './kernel-child';
import { refuseOtherLanguage } from './language';
import { mergeOutputs, type SentOutput } from './outputs';
import { type ParameterValue, setParameters } from './parameters';

export interface RunNotebookOptions {
  /** The notebook is stopped after this many seconds; 600 unless said otherwise, 0 for no limit. */
  timeoutSeconds?: number;
  /** New values for constants of the cell tagged `parameters`. */
  set?: Record<string, ParameterValue>;
  /** Where the run notebook is written; over the notebook itself unless said otherwise. */
  output?: string;
  /** Stops the notebook, with the name of the system's signal as the reason if there was one. */
  signal?: AbortSignal;
}

export interface NotebookResult {
  file: string;
  /** Where the run notebook was written; null where it was stopped before there was anything to write. */
  written: string | null;
  ok: boolean;
  /** It was ended by `signal`. */
  stopped: boolean;
  /** Code cells that were started. */
  cellsRun: number;
  /** The first failure: the cell's place among all cells, counted from 1, and what it threw. */
  error: { cell: number; name: string; message: string } | null;
}

/**
 * Runs a notebook from top to bottom in a kernel of its own, in the notebook's folder, and writes it with its outputs
 * after each cell. A failing cell keeps its error as an output and ends the run; so does running out of time. A notebook
 * that somebody changes meanwhile stays as it is; the run one is written beside it.
 * @throws UserError before anything runs when the file is no notebook, or one of another language, when a parameter is
 *   not one of its own, or when it cannot be written.
 */
export async function runNotebook(file: string, options: RunNotebookOptions = {}): Promise<NotebookResult> {
  const notebook = prepare(file, options);
  const target = new NotebookFile(options.output ?? file);
  const cells = notebook.cells.filter((cell) => cell.cell_type === 'code');
  for (const cell of cells) forgetRun(cell);
  const run = await runCells(
    cells.filter((cell) => cellSource(cell).trim() !== ''),
    dirname(resolve(file)),
    { ...options, save: () => target.tryWriting(notebook) },
  );
  // What was there before is worth more than a notebook without any output.
  if (!run.stopped || run.any) target.write(notebook);
  const error = firstError(notebook);
  return { file, written: target.written, ok: run.ok, stopped: run.stopped, cellsRun: run.started, error };
}

/** Finds out whether `runNotebook` would begin, and runs nothing. @throws UserError as it does. */
export function checkNotebook(file: string, options: RunNotebookOptions = {}): void {
  prepare(file, options);
}

function prepare(file: string, { set = {}, output }: RunNotebookOptions): Notebook {
  const notebook = readNotebook(file);
  refuseOtherLanguage(notebook, file);
  const prepared = setParameters(notebook, set, file);
  checkFileWritable(output ?? file);
  return prepared;
}

/** Where a run notebook goes, unless that was changed by somebody else since it was read or written here. */
class NotebookFile {
  written: string | null = null;
  private path: string;
  private content: string | undefined;

  constructor(path: string) {
    this.path = path;
    this.content = this.read();
  }

  write(notebook: Notebook): void {
    if (this.read() !== this.content) {
      this.path = freeName(this.path);
    }
    const text = serializeNotebook(notebook);
    writeFileAtomic(this.path, text);
    this.content = text;
    this.written = this.path;
  }

  /** A disk that is full for a moment is no reason to end a run; at its end it is told of. */
  tryWriting(notebook: Notebook): void {
    try {
      this.write(notebook);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
    }
  }

  private read(): string | undefined {
    return existsSync(this.path) ? readFileSync(this.path, 'utf8') : undefined;
  }
}

function freeName(path: string): string {
  for (let number = 1; ; number++) {
    const name = `${path.replace(/\.ipynb$/, '')}-run${number}.ipynb`;
    if (!existsSync(name)) return name;
  }
}

/** Takes away what an earlier run left, Jupyter's times included. */
function forgetRun(cell: Cell): void {
  const { execution: _, ...metadata } = cell.metadata;
  Object.assign(cell, { outputs: [], execution_count: null, metadata });
}

/** Reads a notebook file. Outputs that are none of nbformat 4 are left out. */
export function readNotebook(file: string): Notebook {
  let notebook: unknown;
  try {
    notebook = parseJson(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new UserError(`Cannot read the notebook ${file}: ${(error as Error).message}. Check the path.`);
  }
  const parsed = notebookSchema.safeParse(notebook);
  if (!parsed.success) {
    throw new UserError(
      `${file} is no notebook of format 4:\n${z.prettifyError(parsed.error)}\nSave it with a current Jupyter.`,
    );
  }
  // Not what was parsed: a file keeps its order of fields.
  const read = notebook as Notebook;
  for (const cell of read.cells)
    if (cell.outputs !== undefined && !outputsSchema.safeParse(cell.outputs).success) cell.outputs = [];
  return read;
}

/** JSON, also as Python writes it: with NaN and Infinity, which become null, and a mark before it. */
function parseJson(text: string): unknown {
  const json = text.replace(/^\uFEFF/, '');
  try {
    return JSON.parse(json);
  } catch (error) {
    const strict = json.replace(/"(?:[^"\\]|\\.)*"|\bNaN\b|-?\bInfinity\b/g, (token) =>
      token.startsWith('"') ? token : 'null',
    );
    if (strict === json) throw error;
    return JSON.parse(strict);
  }
}

interface CellsRun {
  ok: boolean;
  started: number;
  stopped: boolean;
  /** Whether a cell came to its end, or one has shown something. */
  any: boolean;
}

function runCells(
  cells: Cell[],
  folder: string,
  { timeoutSeconds = 600, signal, save }: RunNotebookOptions & { save: () => void },
): Promise<CellsRun> {
  const sent: SentOutput[][] = cells.map(() => []);
  const child = startKernel(folder);
  let started = 0;
  let ok: boolean | null = null;
  let late = false;
  let complaints = '';
  child.stderr?.on('data', (text) => {
    complaints = (complaints + text).slice(-2000);
  });
  const takeOutputs = () => {
    for (const [i, outputs] of mergeOutputs(sent).entries()) cells[i].outputs = outputs;
  };
  const stopper = new Stopper(child, signal);
  const timer = limit(timeoutSeconds, () => {
    late = true;
    stopper.stop();
  });
  child.on('message', (message: ChildMessage) => {
    if (message.kind === 'output') sent[message.cell].push(message.sent);
    else if (message.kind === 'stopping') stopper.heard();
    else if (message.kind === 'finished') ok = message.ok;
    else {
      takeOutputs();
      if (started > 0) save();
      cells[message.cell].execution_count = started = message.cell + 1;
    }
  });
  child.send({ cells: cells.map(cellSource) } satisfies ParentMessage);
  return new Promise((done) => {
    child.on('exit', () => killAll(child));
    child.on('close', (code, killedBy) => {
      clearTimeout(timer);
      const { stopped } = stopper;
      stopper.end();
      const any =
        started > 1 || sent.some((outputs) => outputs.some(({ output }) => output.output_type !== 'error'));
      const running = sent[Math.max(started - 1, 0)];
      if (stopped && ok !== true && (started > 0 || late))
        endStopped(running, late ? timeout(timeoutSeconds) : stop(signal));
      else if (!stopped && ok === null)
        running?.push({ output: kernelDeath(killedBy ?? `exit status ${code}`, complaints) });
      takeOutputs();
      done({ ok: ok ?? false, started, stopped: stopped && !late && ok !== true, any });
    });
  });
}

/** Seconds for a cell to hear that it is to stop, and to put things in order then. */
const hearingSeconds = { first: 1, last: 3 };
const orderSeconds = 4;

/** Ends a kernel when a signal aborts: it is asked to, and killed where it does not answer. */
class Stopper {
  stopped = false;
  private timers: NodeJS.Timeout[] = [];

  constructor(
    private readonly child: ChildProcess,
    private readonly signal: AbortSignal | undefined,
  ) {
    if (signal?.aborted) this.stop();
    else signal?.addEventListener('abort', this.stop);
  }

  /** The kernel answered. */
  heard(): void {
    this.setTimers([orderSeconds, () => killAll(this.child)]);
  }

  end(): void {
    this.setTimers();
    this.signal?.removeEventListener('abort', this.stop);
  }

  readonly stop = () => {
    if (this.stopped) return;
    this.stopped = true;
    const { child } = this;
    if (child.connected) child.send('stop' satisfies ParentMessage);
    this.setTimers(
      // Ends a cell that computes without ever awaiting anything.
      [hearingSeconds.first, () => child.kill('SIGINT')],
      [hearingSeconds.last, () => killAll(child)],
    );
  };

  private setTimers(...timers: [seconds: number, work: () => void][]): void {
    for (const timer of this.timers) clearTimeout(timer);
    this.timers = timers.map(([seconds, work]) => setTimeout(work, 1000 * seconds));
  }
}

function startKernel(folder: string): ChildProcess {
  const extension = extname(__filename);
  // From TypeScript sources, as in the kit's own tests, the child needs the same loader.
  const execArgv = extension === '.ts' ? ['--require', require.resolve('tsx/cjs')] : undefined;
  // In a session of its own it hears nothing of Ctrl-C, and all it started can be killed at once.
  return fork(join(__dirname, `kernel-child${extension}`), {
    cwd: folder,
    execArgv,
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
}

function killAll({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(process.platform === 'win32' ? pid : -pid, 'SIGKILL');
  } catch {
    // It has ended, and all that it started.
  }
}

/** Longest delay that a timer of Node's takes, in milliseconds: a longer one ends at once. */
const longestTimer = 2 ** 31 - 1;

function limit(seconds: number, end: () => void): NodeJS.Timeout | undefined {
  return seconds === 0 ? undefined : setTimeout(end, Math.min(seconds * 1000, longestTimer));
}

function stop(signal: AbortSignal | undefined): ErrorOutput {
  const reason = typeof signal?.reason === 'string' ? ` (${signal.reason})` : '';
  return failure('Interrupted', `The notebook was stopped in this cell${reason}.`);
}

/** Gives a stopped cell one error. What it threw when it was stopped belongs to it; the kernel's own words do not. */
function endStopped(sent: SentOutput[], stop: ErrorOutput): void {
  const last = sent.at(-1)?.output;
  if (last?.output_type === 'error') {
    sent.pop();
    if (!isInterruption(last)) {
      stop.evalue = `${joined(stop.evalue)} ${last.ename}: ${joined(last.evalue)}`;
      stop.traceback = [...stop.traceback, ...last.traceback];
    }
  }
  sent.push({ output: stop });
}

/** Whether tslab says that a cell was interrupted, while it awaited something or computed. */
function isInterruption({ evalue }: ErrorOutput): boolean {
  return /^Interrupted asynchronously$|interrupted by `?SIGINT`?/.test(joined(evalue));
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
