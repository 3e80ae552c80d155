import { formatDuration } from '../core/text';
import { datasetName } from '../data';
import type { PublishedNumber } from '../paper';
import {
  bestOf,
  type Cell,
  type FilledTable,
  missingNotes,
  ourNumber,
  type PaperTable,
  publishedText,
  signed,
  whatRan,
} from '../paper';
import type { RunRecord } from '../results';
import { cellCommand } from './commands';
import { type Html, html, link } from './html';
import { type Line, type LineColumn, lineTable } from './line-table';
import type { ReportTable } from './report-tables';

/** Whether anything of a table ran. */
export function hasRuns({ filled }: ReportTable): boolean {
  return filled.some(({ cells }) => cells.some(({ mean }) => mean !== null));
}

/**
 * A table of the paper as a section: what ran as the paper prints it, what is missing in a line, and, to be unfolded, a
 * line for each cell with its source, verdict and command.
 */
export function paperTable({ table, filled }: ReportTable): Html {
  const several = table.metrics.length > 1;
  const columns: LineColumn[] = [
    { label: 'line' },
    { label: 'dataset' },
    ...(several ? [{ label: 'measure' }] : []),
    { label: 'preset' },
    { label: 'ours: mean ± std (runs)', numeric: true },
    { label: 'published', numeric: true },
    { label: 'difference', numeric: true },
    { label: 'verdict' },
  ];
  const lines = filled.flatMap(({ cells }) => cells.map((cell) => cellLine(table, cell, several)));
  const measured = table.metrics.map(({ label }) => label).join(' and ');
  return html`<section id="table-${table.name}" aria-labelledby="title-${table.name}">
<h3 id="title-${table.name}">${table.title}</h3>
<p>${sentence(table.summary)}</p>
${filled.map(printedTable)}
<details class="cells"><summary>All ${lines.length} cells: runs, sources, verdicts and commands</summary>
${lineTable(`${table.title}: ${measured}`, columns, lines)}
<ul class="notes">${table.notes.map((note) => html`<li>${note}</li>`)}</ul>
</details>
</section>
`;
}

/** What ran of a preset: methods down, datasets across, ours and the published number in one cell. */
function printedTable(whole: FilledTable): Html | null {
  const { rows, datasets, cells, table, selection } = whatRan(whole);
  if (cells.every(({ mean }) => mean === null)) return null;
  const groups = datasets.flatMap((dataset) => table.metrics.map((metric) => ({ dataset, metric })));
  const columns = groups.map(({ dataset, metric }) => {
    const own = cells.filter((cell) => cell.dataset === dataset && cell.metric === metric);
    return { dataset, metric, own, ...(metric.name.endsWith('top1') ? bestOf(own) : { tied: [] }) };
  });
  const several = table.metrics.length > 1;
  const label = `${table.title}, preset ${selection.preset}`;
  const [missing] = missingNotes(whole);
  return html`<div class="scroll" tabindex="0" role="group" aria-label="${label}, table">
<table class="printed">
<caption>Preset ${selection.preset}: ours, mean ± standard deviation over seeds, and the published number in grey</caption>
<thead><tr><th scope="col"><span class="unseen">row</span></th>${columns.map(({ dataset, metric }) => html`<th scope="col" class="number">${datasetName(dataset)}${several && html`<br><small>${metric.label}</small>`}</th>`)}</tr></thead>
<tbody>${rows.map((row) => html`<tr data-method="${row.method}"><th scope="row">${row.label}</th>${columns.map(({ own, best, tied }) => printedCell(own.find((cell) => cell.row === row)!, { best, tied }))}</tr>`)}</tbody>
</table></div>
<p class="notes">${columns.some(({ best }) => best) && 'Bold: the best of its column; underlined: not distinguishable from it by the spread of the seeds. '}${columns.some(({ own }) => own.some(({ verdict }) => verdict === 'reduced scale')) && 'A reduced scale, not comparable with the published numbers. '}${missing}</p>`;
}

function printedCell(cell: Cell, { best, tied }: ReturnType<typeof bestOf>): Html {
  const { mean, deviation, runs, metric, published, verdict } = cell;
  if (mean === null) return html`<td class="number"></td>`;
  const spread = deviation === null ? '' : ` ± ${deviation.toFixed(metric.digits)}`;
  const number = `${mean.toFixed(metric.digits)}${spread}`;
  const sign = { reproduced: ' =', differs: ' ≠' }[verdict as string] ?? '';
  const marked =
    cell === best ? html`<strong>${number}</strong>` : tied.includes(cell) ? html`<u>${number}</u>` : number;
  return html`<td class="number" title="${runs} ${runs === 1 ? 'run' : 'runs'}, ${verdict}">${marked}${sign}${published && html` <small>${publishedText(published, metric)}</small>`}</td>`;
}

function cellLine(table: PaperTable, cell: Cell, several: boolean): Line {
  const { row, dataset, metric, configs, runs, published, difference, verdict } = cell;
  return {
    method: row.method,
    dataset,
    preset: configs[0].preset,
    ran: runs > 0,
    name: row.label,
    cells: [
      { shown: datasetName(dataset) },
      ...(several ? [{ shown: metric.label }] : []),
      { shown: configs[0].preset },
      { shown: ourCell(cell), sortBy: cell.mean },
      { shown: published ? publishedText(published, metric) : 'none', sortBy: published?.value ?? null },
      { shown: difference === null ? '–' : signed(difference, metric.digits), sortBy: difference },
      { shown: html`<span class="verdict ${verdict.replaceAll(' ', '-')}">${verdict}</span>` },
    ],
    more: cellDetails(table, cell),
  };
}

function ourCell(cell: Cell): Html | string {
  const number = ourNumber(cell) ?? '–';
  return cell.verdict === 'reduced scale' ? html`${number} <small>reduced</small>` : number;
}

function cellDetails(table: PaperTable, cell: Cell): Html {
  const { records, published, alsoPublished, scaleReasons, tolerance, metric } = cell;
  const again = records.length === cell.configs.length ? 'Run it again' : 'Run what is missing';
  return html`${records.length > 0 && html`<p>Runs behind it:</p><ul>${records.map((record) => runLine(record, metric))}</ul>`}
${scaleReasons.length > 0 && html`<p>Reduced scale, not comparable with the paper’s numbers: ${scaleReasons.join('; ')}.</p>`}
${tolerance !== null && html`<p>Counts as reproduced within ${tolerance.toFixed(metric.digits)} of the published number.</p>`}
<p>Published: ${published ? source(published, cell) : 'no number was found.'}${alsoPublished.length > 0 && html` Also ${alsoPublished.map((number, i) => [i > 0 && ' ', source(number, cell)])}`}</p>
<p>${again}: <code>${cellCommand(table.name, cell)}</code></p>`;
}

function runLine(record: RunRecord, { of, digits }: Cell['metric']): Html {
  const { config, dataset, provenance, timing } = record;
  const value = of(record);
  const { engine, cpu, gpu, commit } = provenance;
  return html`<li><a href="#run-${record.id}">seed ${config.seed}</a>: ${value === null ? 'not measured' : value.toFixed(digits)}; ${dataset.name} ${dataset.checksum.slice(0, 12)}; engine ${engine.name}, ${gpu ?? cpu.model}; commit ${commit?.slice(0, 12) ?? 'unknown'}; ${formatDuration(timing.totalSeconds)}</li>`;
}

function source(number: PublishedNumber, cell: Cell): Html {
  const { title, url, date, note } = number.source;
  return html`${publishedText(number, cell.metric)}, ${link(url, title)}${date && ` (${date})`}. ${note}`;
}

function sentence(text: string): string {
  return `${text[0].toUpperCase()}${text.slice(1)}.`;
}
