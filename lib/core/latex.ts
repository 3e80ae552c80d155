import type { Table } from './table';

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
export function escapeLatex(text: string): string {
  return [...text].map((sign) => signs[sign] ?? sign).join('');
}

/** A tabular of the cells as they are shown, with the notes below it. It needs the package booktabs. */
export function latexTable({ columns, notes }: Table, cells: string[][]): string {
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
