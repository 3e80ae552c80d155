import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { packageRoot } from '../core/paths';
import { distinct } from '../core/statistics';
import { datasetName } from '../data';
import { methodName } from '../methods';
import { findings, loadPublished, type PublishedNumber } from '../paper';
import type { PartialRecord, RunRecord } from '../results';
import { findingsMarkup } from './findings';
import { Html, html, inlineData, inlineScript } from './html';
import { ChartData } from './interactive';
import { hasRuns, paperTable } from './paper-table';
import { figureMarkup, reportFigures } from './report-figures';
import { type ReportTable, reportPresets, reportTables } from './report-tables';
import { runsTable } from './runs-table';

/** The title of every report, by which one is known. */
export const reportTitle = 'MNN Kit: report';

export interface ReportOptions {
  published?: readonly PublishedNumber[];
  /** Tables, figures and runs of these presets; by default of those that have records, and the paper's. */
  presets?: readonly string[];
  /** What is said of the kit that wrote the report, such as its commit. */
  kit?: string;
  /** The first epochs of runs, for the findings. */
  partial?: readonly PartialRecord[];
  /** Why records are missing on the page, a sentence for each of those. */
  leftOut?: readonly string[];
}

/**
 * The report as one HTML page that needs nothing else, no network either: what was found, the paper's tables beside
 * ours, figures, and every run with its provenance and the command that makes it again. Nothing in it depends on the clock.
 */
export async function reportPage(
  records: readonly RunRecord[],
  options: ReportOptions = {},
): Promise<string> {
  const { published = loadPublished(), presets = reportPresets(records), kit = '' } = options;
  const { partial = [], leftOut = [] } = options;
  const own = records.filter(
    ({ config }) => options.presets === undefined || presets.includes(config.preset),
  );
  const tables = reportTables(own, published, presets);
  const ran = tables.filter(hasRuns);
  const others = tables.filter((table) => !hasRuns(table));
  const data = new ChartData();
  const figures = await reportFigures(own, data, partial);
  const methods = distinct([
    ...tables.flatMap(({ table }) => table.rows.map(({ method }) => method)),
    ...own.map(({ config }) => config.method),
  ]);
  const titles = Object.fromEntries(methods.map((method) => [methodName(method), method]));
  const charts = figures.map((figure) => figure.charts);
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${reportTitle}</title>
<link rel="icon" href="data:,">
<style>${asset('page.css')}</style>
<script>document.documentElement.dataset.scripts = '';</script>
</head>
<body>
<a class="skip" href="#main">To the findings</a>
<header>
<h1>MNN: what was found</h1>
<button type="button" id="theme" aria-pressed="false">Dark</button>
<p>${summary(own)} ${kit}</p>
${leftOut.map((problem) => html`<p>Left out: ${problem}</p>`)}
</header>
<div class="columns">
<div class="side">
<form id="filters" aria-label="Filters"><details open><summary>Filters</summary>
${facet('method', 'Methods', methods, methodName)}
${facet('dataset', 'Datasets', datasetsOf(tables, own), datasetName)}
${facet('preset', 'Presets', distinct([...presets, ...own.map(({ config }) => config.preset)]), String)}
<label><input type="checkbox" name="ran"> only what ran</label>
<button type="reset">Show all</button>
</details><p><output id="count"></output></p></form>
${contents(ran, others)}
</div>
<main id="main" tabindex="-1">
${findingsMarkup(findings(own, partial, published))}
<section aria-labelledby="title-figures" id="figures"><h2 id="title-figures">Figures</h2>
${figures.length > 0 ? figures.map(figureMarkup) : html`<p>No figure can be drawn from these records.</p>`}
</section>
<section aria-labelledby="title-tables" id="tables"><h2 id="title-tables">Tables</h2>
<p>Runs of a <span class="verdict reduced-scale">reduced scale</span> are not comparable with the paper’s numbers, and no verdict is given.</p>
${ran.map(paperTable)}
${
  others.length > 0 &&
  html`<details id="not-run"><summary>${others.length} tables without a run: ${others.map(({ table }) => table.title).join(', ')}</summary>
${others.map(paperTable)}</details>`
}</section>
<section aria-labelledby="title-runs" id="runs"><h2 id="title-runs">Runs</h2>
<details><summary>Every record, with what ran, on what, and how to run it again</summary>
${runsTable(own)}</details></section>
</main>
</div>
<footer><p>The paper: Long, Peng and Li, MNN: Mixed Nearest-Neighbors for Self-Supervised Learning, Pattern Recognition 158, 2025, <a href="https://doi.org/10.1016/j.patcog.2024.110998">10.1016/j.patcog.2024.110998</a>.</p></footer>
${inlineData('charts', { charts, datasets: data.sets, methods: titles })}
${figures.length > 0 && [inlineScript(bundle('vega')), inlineScript(bundle('vega-lite'))]}
${inlineScript(asset('page.js').text)}
</body>
</html>
`.text;
}

function summary(records: readonly RunRecord[]): string {
  if (records.length === 0) return 'No run has a record yet. A first comparison: npx mnn reproduce quick.';
  const reduced = records.filter(({ scale }) => scale === 'reduced').length;
  const runs = `${records.length} ${records.length === 1 ? 'run' : 'runs'}`;
  return `${runs} with a record, ${reduced === records.length ? 'all' : reduced} of a reduced scale.`;
}

function datasetsOf(tables: readonly ReportTable[], records: readonly RunRecord[]): string[] {
  return distinct([
    ...records.map(({ config }) => config.dataset),
    ...tables.flatMap(({ filled }) => filled.flatMap(({ datasets }) => datasets)),
  ]);
}

function facet(name: string, title: string, values: readonly string[], label: (value: string) => string) {
  return html`<fieldset><legend>${title}</legend>${values.map((value) => html`<label><input type="checkbox" name="${name}" value="${value}"> ${label(value)}</label>`)}</fieldset>`;
}

function contents(ran: readonly ReportTable[], others: readonly ReportTable[]): Html {
  const entries = ran.map(({ table }) => html`<li><a href="#table-${table.name}">${table.title}</a></li>`);
  return html`<nav aria-label="Contents"><ul><li><a href="#findings">Findings</a></li><li><a href="#figures">Figures</a></li>${entries}${others.length > 0 && html`<li><a href="#not-run">Tables without a run</a></li>`}<li><a href="#runs">Runs</a></li></ul></nav>`;
}

/** A file of the page that stands beside this one in the sources. */
function asset(name: string): Html {
  return new Html(readFileSync(join(packageRoot, 'report', name), 'utf8'));
}

/** A package as it is made for browsers. */
function bundle(name: string): string {
  const main = require.resolve(`${name}/package.json`);
  return readFileSync(join(dirname(main), 'build', `${name}.min.js`), 'utf8').replace(
    /\/\/# sourceMappingURL=.*\s*$/,
    '',
  );
}
