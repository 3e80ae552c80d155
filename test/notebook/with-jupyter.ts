import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import type { Notebook, Output } from '../../lib/notebook/format';
import { installKernel, kernelName } from '../../lib/notebook/kernel-spec';
import { mergeOutputs } from '../../lib/notebook/outputs';

/** Whether Jupyter is there, with `jupyter execute` and a Python that has it. */
export function hasJupyter(): boolean {
  const works = (command: string, ...args: string[]) =>
    spawnSync(command, args, { stdio: 'ignore' }).status === 0;
  return works('jupyter', 'execute', '--version') && works('python3', '-c', 'import jupyter_client');
}

/** Runs a command of Jupyter's with the kit's kernel installed for it alone; returns what it prints. */
export function withKernel(command: string, args: string[]): string {
  const prefix = mkdtempSync(join(tmpdir(), 'jupyter-'));
  try {
    installKernel(prefix);
    const env = { ...process.env, JUPYTER_PATH: join(prefix, 'share', 'jupyter') };
    const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', env });
    if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed: ${stderr}`);
    return stdout;
  } finally {
    rmSync(prefix, { recursive: true });
  }
}

/** The outputs of a notebook's code cells after `jupyter execute`, on a copy beside it. */
export function outputsWithJupyter(file: string): Output[][] {
  const copy = join(dirname(file), `.jupyter-${basename(file)}`);
  try {
    cpSync(file, copy);
    withKernel('jupyter', ['execute', '--inplace', '--allow-errors', `--kernel_name=${kernelName}`, copy]);
    return codeOutputs(JSON.parse(readFileSync(copy, 'utf8')));
  } finally {
    rmSync(copy, { force: true });
  }
}

/** The outputs of each code cell, text in one piece however many writes it came in. */
export function codeOutputs({ cells }: Notebook): Output[][] {
  const code = cells.filter((cell) => cell.cell_type === 'code');
  return mergeOutputs(
    code.map((cell) => (cell.outputs ?? []).map((output) => ({ output: inOnePiece(output) }))),
  );
}

function inOnePiece(output: Output): Output {
  if (output.output_type !== 'display_data') return output;
  const data = Object.entries(output.data).map(([type, value]) => [
    type,
    Array.isArray(value) ? value.join('') : value,
  ]);
  return { ...output, data: Object.fromEntries(data) };
}
