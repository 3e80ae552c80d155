import { SingleBar } from 'cli-progress';
import { terminalBar } from '../core/terminal-bar';
import { escapeHtml } from '../core/text';
import { inNotebook, LiveOutput } from './show';

/** A bar that is there until `end`. */
export interface ProgressBar {
  /** `done` of the total. */
  update(done: number): void;
  end(): void;
}

/** Milliseconds between two images of a bar. */
const interval = 200;

/** Shows how far some work is, below the cell or in the terminal; in a log only how it ended. */
export function displayProgress(label: string, total: number): ProgressBar {
  if (inNotebook()) return notebookBar(label, total);
  return process.stderr.isTTY ? barInTerminal(label, total) : logLine(label, total);
}

function notebookBar(label: string, total: number): ProgressBar {
  const output = new LiveOutput(interval);
  let done = 0;
  const show = () => output.show(barBundle(label, done, total));
  show();
  return {
    update(now) {
      done = now;
      if (output.due()) show();
    },
    end: show,
  };
}

function barBundle(label: string, done: number, total: number): Record<string, string> {
  const text = barText(label, done, total);
  return {
    'text/html': `<progress value="${done}" max="${total}"></progress> ${escapeHtml(text)}`,
    'text/plain': text,
  };
}

function barInTerminal(label: string, total: number): ProgressBar {
  const bar = new SingleBar({
    format: '{label} {bar} {value} of {total} | {eta_formatted} left',
    ...terminalBar,
    barsize: 30,
  });
  bar.start(total, 0, { label });
  return { update: (done) => bar.update(done), end: () => bar.stop() };
}

function logLine(label: string, total: number): ProgressBar {
  let done = 0;
  return {
    update(now) {
      done = now;
    },
    end: () => console.error(barText(label, done, total)),
  };
}

function barText(label: string, done: number, total: number): string {
  return `${label}: ${done} of ${total}`;
}
