import kernel = require('tslab/dist/jupyter.js');

/** One output as a kernel gets it. */
export interface Shown {
  data: Record<string, unknown>;
  transient: { display_id?: string };
  update: boolean;
}

/** What is sent to the notebook while `action` runs. */
export async function shownInNotebook(action: () => unknown): Promise<Shown[]> {
  const shown: Shown[] = [];
  const writable: { lastWriteDisplayData: unknown } = kernel;
  writable.lastWriteDisplayData = (output: Omit<Shown, 'update'>, update: boolean) =>
    shown.push({ ...output, update });
  try {
    await action();
  } finally {
    writable.lastWriteDisplayData = null;
  }
  return shown;
}

/** What is printed while `action` runs. */
export async function printed(action: () => unknown): Promise<string> {
  const lines: unknown[] = [];
  const { log, error } = console;
  console.log = console.error = (line) => lines.push(line);
  try {
    await action();
  } finally {
    Object.assign(console, { log, error });
  }
  return lines.join('\n');
}
