import { unknownName } from './errors';
import { escapeHtml } from './text';

const writers = { text: toText, md: toMarkdown, latex: toLatex, csv: toCsv, html: toHtml };

export type TableFormat = keyof typeof writers;
export const tableFormats = Object.keys(writers) as TableFormat[];

/**
 * Writes a table as aligned text, Markdown, LaTeX, CSV or HTML. All but CSV show rounded values and the notes;
 * CSV holds the unrounded values alone.
 */
export function formatTable(table: Table, format: TableFormat): string {
  if (!Object.hasOwn(writers, format)) throw unknownName('table format', format, tableFormats);
  return writers[format](table);
}

function toText(table: Table): string {
  const lines = [table.columns.map((column) => column.label), ...shownRows(table)];
  const widths = table.columns.map((_, i) => Math.max(...lines.map((line) => line[i].length)));
  const aligned = lines.map((line) =>
    line
      .map((cell, i) => pad(cell, widths[i], table.columns[i].align))
      .join('  ')
      .trimEnd(),
  );
  const rule = widths.map((width) => '─'.repeat(width)).join('  ');
  return [aligned[0], rule, ...aligned.slice(1), ...table.notes].join('\n');
}

function toMarkdown(table: Table): string {
  const line = (cells: string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  const rule = line(table.columns.map((column) => (column.align === 'right' ? '---:' : '---')));
  const head = line(table.columns.map((column) => column.label));
  return [head, rule, ...shownRows(table).map(line), ...table.notes.flatMap((note) => ['', note])].join('\n');
}

function toLatex(table: Table): string {
  return latexTable(table, shownRows(table));
}

function toCsv(table: Table): string {
  const quote = (cell: string) => (/[",\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);
  const rows = table.rows.map((row) => table.columns.map(({ key }) => String(row[key] ?? '')));
  return [table.columns.map((column) => column.label), ...rows]
    .map((row) => row.map(quote).join(','))
    .join('\n');
}

function toHtml(table: Table): string {
  const line = (tag: string, cells: string[]) =>
    `<tr>${cells.map((cell, i) => `<${tag} style="text-align:${table.columns[i].align}">${escapeHtml(cell)}</${tag}>`).join('')}</tr>`;
  const head = line(
    'th',
    table.columns.map((column) => column.label),
  );
  const body = shownRows(table).map((row) => line('td', row));
  const notes = table.notes.map((note) => `<p><small>${escapeHtml(note)}</small></p>`);
  return [`<table><thead>${head}</thead><tbody>`, ...body, '</tbody></table>', ...notes].join('\n');
}

function shownRows(table: Table): string[][] {
  return table.rows.map((row) => table.columns.map((column) => shown(row[column.key] ?? null, column)));
}

function shown(value: string | number | null, column: TableColumn): string {
  if (value === null) return '–';
  return typeof value === 'number' && column.format !== undefined ? column.format(value) : String(value);
}

function pad(cell: string, width: number, align: TableColumn['align']): string {
  return align === 'right' ? cell.padStart(width) : cell.padEnd(width);
}

export interface TableColumn {
  key: string;
  label: string;
  align: 'left' | 'right';
  /** How a value is written; by default as it is. */
  format?: (value: number) => string;
}

/** Columns and rows as data, values unrounded; `formatTable` turns it into text. */
export interface Table {
  columns: TableColumn[];
  rows: Record<string, string | number | null>[];
  /** Sentences that belong below the table. */
  notes: string[];
}

/** Signs that LaTeX reads as commands, and those outside ASCII that tables have. */
const signs: Record<string, string> = {
  '\\': '\\textbackslash{}',
  '{': '\\{',
  '}': '\\}',
  '%': '\\%',
  '&': '\\&',
  $: '\\$',
  '#': '\\#',
  _: '\\_',
  '~': '$\\sim$',
  '^': '\\textasciicircum{}',
  '<': '$<$',
  '>': '$>$',
  '|': '$|$',
  '"': "''",
  '±': '$\\pm$',
  '≠': '$\\neq$',
  '−': '$-$',
  '·': '$\\cdot$',
  '√': '$\\surd$',
  '–': '--',
  λ: '$\\lambda$',
};

/** Text that stands for itself in LaTeX. */
function escapeLatex(text: string): string {
  return [...text].map((sign) => signs[sign] ?? sign).join('');
}

/** A tabular of the cells as they are shown, with the notes below it. It needs the package booktabs. */
function latexTable({ columns, notes }: Table, cells: string[][]): string {
  const line = (texts: string[]) => `${texts.map(escapeLatex).join(' & ')} \\\\`;
  return [
    '% needs \\usepackage{booktabs}',
    `\\begin{tabular}{${columns.map(({ align }) => align[0]).join('')}}`,
    '\\toprule',
    line(columns.map(({ label }) => label)),
    '\\midrule',
    ...cells.map(line),
    '\\bottomrule',
    '\\end{tabular}',
    ...notes.map((note) => `\n{\\footnotesize ${escapeLatex(note)}\\par}`),
  ].join('\n');
}
