import { formatWithOptions } from 'node:util';
import { createExecutor } from 'tslab/dist/executor.js';
import { JupyterHandlerImpl } from 'tslab/dist/jupyter.js';
import { Interruption } from '../core/interruption';
import { shareOwnPackages } from '../core/own-packages';
import { cellConverter } from './converter';
import type { ErrorOutput } from './format';
import { ofCell } from './using';

/** What tslab is told to display; `display_id` marks an output that a later one replaces. */
export interface DisplayData {
  data: Record<string, unknown>;
  metadata?: Record<string, unknown>;
  transient?: { display_id?: string };
}

/** Where a cell's outputs go while it runs. */
export interface CellOutputs {
  stream: (name: 'stdout' | 'stderr', text: string) => void;
  display: (data: DisplayData, update: boolean) => void;
}

/** How a cell ended; `aborted` is one that was waiting when another failed. */
export interface CellResult {
  status: 'ok' | 'error' | 'aborted';
  executionCount: number | null;
  error: ErrorOutput | null;
}

/** Seconds in which a cell that was interrupted may put things in order before it is given up. */
const graceSeconds = 3;

/**
 * tslab's kernel in this process, without its sockets: runs cells one after the other in the current folder.
 * Unlike tslab's own it tells errors apart from what a cell prints, and stops work that looks at
 * `interruptSignal` instead of leaving it to run on unseen.
 */
export class Kernel {
  readonly handler: JupyterHandlerImpl;
  private readonly executor: ReturnType<typeof createExecutor>;
  private readonly problems: ErrorOutput[] = [];
  private running: Interruption | undefined;
  private givingUp: NodeJS.Timeout | undefined;

  constructor() {
    shareOwnPackages();
    const node = cellConverter();
    const converters = { node, browser: node, close: () => node.close() };
    this.executor = createExecutor(process.cwd(), converters, { log: console.log, error: this.report });
    this.handler = new JupyterHandlerImpl({ ...this.executor, execute: (code) => this.execute(code) }, false);
    process.on('uncaughtException', this.report);
    process.on('unhandledRejection', this.report);
  }

  /** Runs a cell after those that wait; one that fails takes those with it. */
  async run(code: string, outputs: CellOutputs): Promise<CellResult> {
    const request = {
      code,
      silent: false,
      store_history: true,
      user_expressions: {},
      allow_stdin: false,
      stop_on_error: true,
    };
    const { status, execution_count: count } = await this.handler.handleExecute(
      request,
      (name, text) => outputs.stream(name as 'stdout' | 'stderr', text),
      (data, update) => outputs.display(data, update ?? false),
    );
    const executionCount = count ?? null;
    if (status === 'ok') return { status, executionCount, error: null };
    if (status !== 'error') return { status: 'aborted', executionCount, error: null };
    return { status, executionCount, error: joinErrors(this.problems.splice(0)) };
  }

  /**
   * Asks the running cell to stop. It is given up at once where nothing in it looks at `interruptSignal`, else
   * after a moment or when asked again.
   */
  interrupt = (): void => {
    if (!this.running) return;
    const willStop = this.running.request() && this.givingUp === undefined;
    if (!willStop) this.executor.interrupt();
    else this.givingUp = setTimeout(() => this.executor.interrupt(), 1000 * graceSeconds);
  };

  /** The executor's part of a cell: exactly one runs at a time. */
  private async execute(code: string): Promise<boolean> {
    this.running = new Interruption();
    this.running.begin();
    try {
      const ok = await this.executor.execute(code);
      await ofCell.endAsync();
      // A promise that nobody awaits fails between cells.
      await new Promise((resolve) => setImmediate(resolve));
      return ok && this.problems.length === 0;
    } catch (unexpected) {
      this.report(unexpected);
      return false;
    } finally {
      this.running.end();
      this.running = undefined;
      clearTimeout(this.givingUp);
      this.givingUp = undefined;
    }
  }

  private readonly report = (...problem: unknown[]): void => {
    if (this.running) this.problems.push(errorOutput(problem));
    else console.error(...problem);
  };
}

/** tslab hands over either what the cell threw, or a format and the parts of a compiler's message. */
function errorOutput(problem: unknown[]): ErrorOutput {
  const [thrown] = problem;
  if (thrown instanceof Error) {
    const traceback = (thrown.stack ?? thrown.message).split('\n').filter((line) => !isKernelFrame(line));
    return { output_type: 'error', ename: thrown.name, evalue: thrown.message, traceback };
  }
  const evalue = formatWithOptions({ colors: false }, ...problem);
  const ename = typeof thrown === 'string' && problem.length > 1 ? 'CompilerError' : 'Error';
  return { output_type: 'error', ename, evalue, traceback: [`${ename}: ${evalue}`] };
}

/** One error for a cell: a compiler has several things to say, and each belongs to the reader. */
function joinErrors(errors: ErrorOutput[]): ErrorOutput {
  const [first, ...rest] = errors;
  if (rest.length === 0) return first;
  return {
    ...first,
    evalue: errors.map(({ evalue }) => evalue).join('\n'),
    traceback: errors.flatMap(({ traceback }) => traceback),
  };
}

/** Whether a line of a stack trace is of Node or the kernel: noise, and different between machines. */
function isKernelFrame(line: string): boolean {
  return /^\s+at .*(node:|node_modules|evalmachine|\/kernel[\w-]*\.[jt]s)/.test(line);
}
