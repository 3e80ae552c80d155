import { type Html, html } from './html';

export interface LineColumn {
  label: string;
  /** Numbers are set right and sorted with the largest first. */
  numeric?: boolean;
}

/** A line of a table that can be sorted, filtered and unfolded. */
export interface Line {
  /** What the filters ask for. */
  method: string;
  dataset: string;
  preset: string;
  ran: boolean;
  /** Where links to the line lead. */
  id?: string;
  /** What names the line, in its first column. */
  name: string;
  cells: { shown: Html | string; sortBy?: number | string | null }[];
  /** What unfolds below the line. */
  more: Html;
}

/** A table whose lines unfold; without scripts everything is unfolded. */
export function lineTable(caption: string, columns: readonly LineColumn[], lines: readonly Line[]): Html {
  return html`<div class="scroll" tabindex="0" role="group" aria-label="${caption}, table">
<table class="lines">
<caption>${caption}</caption>
<thead><tr><th scope="col" class="fold"><span class="unseen">details</span></th>${columns.map(columnHead)}</tr></thead>
${lines.map((line) => body(line, columns))}
</table></div>
<p class="none" hidden>No line of this table is chosen.</p>`;
}

function columnHead({ label, numeric }: LineColumn): Html {
  return html`<th scope="col" aria-sort="none"${numeric && html` class="number"`}><button type="button" class="sort">${label}</button></th>`;
}

function body({ id, name, cells, more, ran, ...facets }: Line, columns: readonly LineColumn[]): Html {
  const { method, dataset, preset } = facets;
  return html`<tbody${id && html` id="${id}"`} data-line data-method="${method}" data-dataset="${dataset}" data-preset="${preset}" data-ran="${ran ? 'yes' : 'no'}">
<tr><td class="fold"><button type="button" class="unfold" aria-expanded="false" aria-label="Details of ${name}, ${dataset}, ${preset}">+</button></td><th scope="row">${name}</th>${cells.map(({ shown, sortBy }, i) => html`<td${columns[i + 1].numeric && html` class="number"`}${sortBy !== undefined && html` data-sort="${sortBy ?? ''}"`}>${shown}</td>`)}</tr>
<tr class="more"><td colspan="${columns.length + 1}"><div class="sheet">${more}</div></td></tr>
</tbody>
`;
}
