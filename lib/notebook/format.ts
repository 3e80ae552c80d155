import { z } from 'zod';

const text = z.union([z.string(), z.array(z.string())]);
const anything = z.record(z.string(), z.unknown());

/** What has to be so in a notebook file for the kit to read, run and write it; the rest stays as it is. */
export const notebookSchema = z.looseObject({
  nbformat: z.literal(4),
  nbformat_minor: z.int(),
  metadata: anything,
  cells: z.array(
    z.looseObject({
      cell_type: z.string(),
      source: text,
      metadata: z.looseObject({ tags: z.array(z.string()).optional() }),
    }),
  ),
});

/** What has to be so in a cell's outputs. They are replaced when it runs, so that others are no fault of the notebook. */
export const outputsSchema = z.array(
  z.union([
    z.looseObject({ output_type: z.literal('stream'), text }),
    z.looseObject({ output_type: z.literal('error'), ename: z.string(), evalue: z.string() }),
    z.looseObject({
      output_type: z.enum(['display_data', 'execute_result', 'update_display_data']),
      data: anything,
    }),
  ]),
);

/** A notebook file (nbformat 4), as far as the kit touches it. */
export interface Notebook {
  cells: Cell[];
  metadata: Record<string, unknown>;
  nbformat: number;
  nbformat_minor: number;
}

export interface Cell {
  cell_type: string;
  id?: string;
  source: string | string[];
  metadata: { tags?: string[]; [key: string]: unknown };
  execution_count?: number | null;
  outputs?: Output[];
}

export type Output =
  | { output_type: 'stream'; name: 'stdout' | 'stderr'; text: string | string[] }
  | { output_type: 'display_data'; data: Record<string, unknown>; metadata: Record<string, unknown> }
  | ErrorOutput;

export interface ErrorOutput {
  output_type: 'error';
  ename: string;
  evalue: string;
  traceback: string[];
}

/** A cell's text in one piece. */
export function cellSource(cell: Cell): string {
  return joined(cell.source);
}

/** Text that may be kept as a list of lines, in one piece. */
export function joined(text: string | string[]): string {
  return Array.isArray(text) ? text.join('') : text;
}

/**
 * A notebook as Jupyter itself writes it: sorted keys, an indent of one, texts as lists of lines. Running a
 * notebook twice, here or in Jupyter, then leaves no difference but that of its outputs.
 */
export function serializeNotebook(notebook: Notebook): string {
  const cells = notebook.cells.map((cell) => ({
    ...cell,
    source: lines(joined(cell.source)),
    ...(cell.outputs && { outputs: cell.outputs.map(outputLines) }),
  }));
  return `${JSON.stringify(sortKeys({ ...notebook, cells }), null, 1)}\n`;
}

function outputLines(output: Output): unknown {
  if (output.output_type === 'stream') return { ...output, text: lines(joined(output.text)) };
  if (output.output_type === 'error') return output;
  const data = Object.entries(output.data).map(([type, value]) => [
    type,
    typeof value === 'string' && type.startsWith('text/') ? lines(value) : value,
  ]);
  return { ...output, data: Object.fromEntries(data) };
}

function lines(text: string): string[] {
  return text.split(/(?<=\n)/).filter((line) => line !== '');
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, part]) => [key, sortKeys(part)]));
}
