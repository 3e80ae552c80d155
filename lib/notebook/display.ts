import { type ChartSpec, renderPng } from '../figures';
import { formatTable, type Table } from '../results';

/** One output in several forms, by MIME type; a viewer shows the richest one that it can. */
export type MimeBundle = Record<string, unknown>;

/** What is needed of a danfojs DataFrame or Series. */
export interface FrameLike {
  readonly columns: string[];
  readonly index: (string | number)[];
  readonly values: unknown[];
  readonly shape: number[];
}

const shownRows = 50;

/** Shows a chart below the cell: live in JupyterLab and VS Code, as a picture on GitHub and in exports. */
export async function displayChart(spec: ChartSpec): Promise<void> {
  const text = chartText(spec);
  if (notebookWriter() === null) return show({ 'text/plain': text });
  const png = Buffer.from(await renderPng(spec)).toString('base64');
  show({ 'application/vnd.vegalite.v5+json': spec, 'image/png': png, 'text/plain': text });
}

/** Shows a table below the cell, or as text in a terminal. */
export function displayTable(table: Table): void {
  show({ 'text/html': formatTable(table, 'html'), 'text/plain': formatTable(table, 'text') });
}

/** Shows the first rows of a danfojs DataFrame or Series as a table, or as text in a terminal. */
export function displayFrame(frame: FrameLike): void {
  displayTable(frameTable(frame));
}

/** The first rows of a data frame as a table. */
export function frameTable({ columns, index, values, shape }: FrameLike): Table {
  const rows = values.slice(0, shownRows).map((row) => (Array.isArray(row) ? row : [row]));
  const numeric = columns.map((_, i) => rows.some((row) => typeof row[i] === 'number'));
  return {
    columns: [
      { key: 'index', label: '', align: 'right' },
      ...columns.map((label, i) => ({
        key: `c${i}`,
        label,
        align: numeric[i] ? ('right' as const) : ('left' as const),
      })),
    ],
    rows: rows.map((row, i) => ({
      index: index[i],
      ...Object.fromEntries(row.map((value, column) => [`c${column}`, frameCell(value)])),
    })),
    notes: shape[0] > shownRows ? [`The first ${shownRows} of ${shape[0]} rows.`] : [],
  };
}

function frameCell(value: unknown): string | number | null {
  if (value === null || value === undefined || Number.isNaN(value)) return null;
  return typeof value === 'number' ? Number(value.toPrecision(6)) : String(value);
}

function chartText({ title, description }: ChartSpec): string {
  return (
    [title?.text, title?.subtitle, description]
      .flat()
      .filter((line) => line !== undefined)
      .join('\n') || 'Chart'
  );
}

function show(bundle: MimeBundle): void {
  const write = notebookWriter();
  if (write === null) console.log(bundle['text/plain']);
  else write({ data: bundle, metadata: {}, transient: {} }, false);
}

type DisplayWriter = (
  output: { data: MimeBundle; metadata: Record<string, unknown>; transient: Record<string, unknown> },
  update: boolean,
) => void;

/**
 * The running kernel's way to send an output, or null outside a notebook. tslab's public `display` sends one
 * MIME type at a time, which would show a chart twice. Only a kernel has tslab loaded, so nothing is loaded here.
 */
function notebookWriter(): DisplayWriter | null {
  const kernel = require.cache[require.resolve('tslab/dist/jupyter.js')];
  return (kernel?.exports.lastWriteDisplayData as DisplayWriter | null | undefined) ?? null;
}
