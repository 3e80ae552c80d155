import type { Table, TableColumn } from '../core/table';
import { formatDuration } from '../core/text';
import { datasetName } from '../data';
import { isPaperDataset, type PaperDataset, shortfallNotes } from '../presets';
import { bestOf } from './best';
import type { Cell, FilledTable, TableSelection } from './cells';
import { rawPixelNotes } from './comparison';
import type { PublishedNumber } from './published';
import { publishedDifferences } from './published-for';
import type { Metric } from './table';
import { publishedDeviation, type Verdict } from './verdict';

/** Metrics that raw pixels have too. */
const accuracies: string[] = ['knn-top1', 'linear-top1'];

const signs: Record<Verdict, string> = {
  reproduced: ' =',
  differs: ' ≠',
  'reduced scale': ' ~',
  'not published': '',
  'not run': 'not run',
  'not measured': 'not measured',
};

const legends: Partial<Record<Verdict, string>> = {
  reproduced: '= reproduced: within the tolerance of the published number.',
  differs: '≠ differs from the published number by more than the tolerance.',
  'reduced scale': "~ reduced scale: not comparable with the paper's numbers, no verdict.",
};

/**
 * The table as the paper would print it: a line for each row, ours and the published number for each dataset. Rows and
 * datasets of which nothing ran take one note; if nothing at all ran, the table is of the published numbers.
 */
export function wideTable(whole: FilledTable): Table {
  const filled = whatRan(whole);
  const letters = sourceLetters(filled);
  const groups = filled.datasets.flatMap((dataset) =>
    filled.table.metrics.map((metric) => ({
      metric,
      key: `${dataset} ${metric.name}`,
      label:
        filled.table.metrics.length > 1 ? `${datasetName(dataset)}, ${metric.label}` : datasetName(dataset),
      cells: filled.cells.filter((cell) => cell.dataset === dataset && cell.metric === metric),
    })),
  );
  const marks = new Map(groups.flatMap(({ metric, cells }) => marksOf(metric, cells)));
  const columns = groups.flatMap(({ key, label, cells }): TableColumn[] => [
    { key, label, align: 'right' },
    ...(cells.some(({ published }) => published)
      ? [{ key: `${key} published`, label: 'published', align: 'right' as const }]
      : []),
  ]);
  const rows = filled.rows.map((row) => {
    const values = groups.flatMap(({ key, cells }) => {
      const cell = cells.find((candidate) => candidate.row === row)!;
      return [
        [key, `${ourCell(cell)}${marks.get(cell) ?? ''}`],
        [`${key} published`, publishedCell(cell, letters)],
      ];
    });
    return { row: row.label, ...Object.fromEntries(values) };
  });
  return {
    columns: [{ key: 'row', label: '', align: 'left' }, ...columns],
    rows,
    notes: [
      ...explanations(filled),
      ...(marks.size > 0 ? [markNote] : []),
      ...missingNotes(whole),
      ...sourceNotes(letters),
    ],
  };
}

/** A table without the rows and datasets of which nothing ran; as it is if nothing ran at all. */
export function whatRan(filled: FilledTable): FilledTable {
  const ran = filled.cells.filter(({ mean }) => mean !== null);
  if (ran.length === 0) return filled;
  const rows = filled.rows.filter((row) => ran.some((cell) => cell.row === row));
  const datasets = filled.datasets.filter((dataset) => ran.some((cell) => cell.dataset === dataset));
  const cells = filled.cells.filter(({ row, dataset }) => rows.includes(row) && datasets.includes(dataset));
  return { ...filled, rows, datasets, cells };
}

/** A mark for the best cell of a column of accuracies, and for those that are not distinguishable from it. */
function marksOf(metric: Metric, cells: readonly Cell[]): [Cell, string][] {
  if (!accuracies.includes(metric.name)) return [];
  const { best, tied } = bestOf(cells);
  return best ? [[best, ' *'], ...tied.map((cell): [Cell, string] => [cell, ' °'])] : [];
}

const markNote =
  '* the best of its column; ° not distinguishable from it: nearer than t · s · √(1/n + 1/m), s the standard deviation ' +
  'over seeds, pooled over the rows with several, t of 95 %, n and m the numbers of seeds.';

/** What did not run, in a line, and what it takes. */
export function missingNotes({ table, selection, cells }: FilledTable): string[] {
  const planned = cells.filter(({ metric }) => metric === table.metrics[0]);
  const count = planned.reduce((sum, { configs, records }) => sum + configs.length - records.length, 0);
  if (count === 0) return [];
  const ran = [...new Set(planned.flatMap(({ records }) => records))];
  const trained = ran.filter(({ config }) => config.training.epochs > 0);
  const seconds = trained.reduce((sum, { timing }) => sum + timing.totalSeconds, 0) / trained.length;
  const empty = planned.filter(({ records }) => records.length === 0);
  const rows = [...new Set(empty.map(({ row }) => row.label))];
  const names = ran.length > 0 && rows.length > 0 ? ` (of ${rows.join(', ')})` : '';
  const cost =
    trained.length > 0
      ? `, about ${formatDuration(count * seconds)} if they take as long as those that ran`
      : '';
  const runs = count === 1 ? '1 run is' : `${count} runs are`;
  return [`${runs} missing${names}${cost}: ${reproduceCommand(table.name, selection)}`];
}

/** The table with a line for each cell and everything that is known about it, values unrounded. */
export function longTable(filled: FilledTable): Table {
  const digits = Math.max(...filled.table.metrics.map((metric) => metric.digits));
  const rounded = (value: number) => value.toFixed(digits);
  return {
    columns: [
      { key: 'row', label: 'row', align: 'left' },
      { key: 'dataset', label: 'dataset', align: 'left' },
      { key: 'metric', label: 'metric', align: 'left' },
      { key: 'ours', label: 'ours', align: 'right', format: rounded },
      { key: 'deviation', label: 'std', align: 'right', format: rounded },
      { key: 'runs', label: 'runs', align: 'right' },
      { key: 'published', label: 'published', align: 'right', format: rounded },
      { key: 'difference', label: 'difference', align: 'right', format: (value) => signed(value, digits) },
      { key: 'tolerance', label: 'tolerance', align: 'right', format: rounded },
      { key: 'verdict', label: 'verdict', align: 'left' },
      { key: 'source', label: 'source', align: 'left' },
      { key: 'also', label: 'also published', align: 'left' },
    ],
    rows: filled.cells.map((cell) => ({
      row: cell.row.label,
      dataset: datasetName(cell.dataset),
      metric: cell.metric.label,
      ours: cell.mean,
      deviation: cell.deviation,
      runs: cell.runs,
      published: cell.published?.value ?? null,
      difference: cell.difference,
      tolerance: cell.tolerance,
      verdict: cell.verdict,
      source: cell.published ? sourceName(cell.published) : 'no published number',
      also: cell.alsoPublished.map((number) => `${number.value} (${sourceName(number)})`).join('; ') || null,
    })),
    notes: [
      ...explanations(filled).filter((note) => !Object.values(legends).includes(note)),
      ...missingNotes(filled),
    ],
  };
}

/** Ours with the sign of its verdict. */
function ourCell(cell: Cell): string {
  return `${ourNumber(cell) ?? ''}${signs[cell.verdict]}`;
}

function publishedCell({ published, metric }: Cell, letters: Map<string, SourceLetter>): string {
  if (!published) return 'none';
  return `${publishedText(published, metric)} ${letters.get(published.sourceName)!.letter}`;
}

function explanations({ table, selection, cells, datasets, published: numbers }: FilledTable): string[] {
  const verdicts = new Set(cells.map(({ verdict }) => verdict));
  const ran = cells.some(({ mean }) => mean !== null);
  const isPublished = cells.some(({ published }) => published);
  return [
    `${table.title}: ${table.metrics.map(({ label }) => label).join(' and ')}, preset ${selection.preset}.` +
      (ran ? ' Mean ± sample standard deviation over seeds, in brackets the number of runs.' : ''),
    ...[...verdicts].flatMap((verdict) => legends[verdict] ?? []),
    ...table.notes,
    ...datasets.flatMap((dataset) => table.datasetNotes?.[dataset as PaperDataset] ?? []),
    ...new Set(
      cells.flatMap(({ published, configs }) => (published ? publishedDifferences(configs[0]) : [])),
    ),
    ...(isPublished
      ? table.metrics.flatMap((metric) => toleranceNote(metric, numbers))
      : noNumberNotes(datasets)),
    ...scaleNotes(cells),
    ...shortfallNotes(cells.flatMap(({ records }) => records)),
    ...(table.metrics.some(({ name }) => accuracies.includes(name))
      ? rawPixelNotes(cells.flatMap(({ records }) => records))
      : []),
    ...machineNotes(cells),
  ];
}

/** What runs the table with the same choice of runs; settings that differ from the preset's are left to the user. */
export function reproduceCommand(name: string, { preset, datasets, methods, seeds }: TableSelection): string {
  const choice = Object.entries({ datasets, methods, seeds }).flatMap(([option, values]) =>
    values ? [`--${option} ${values.join(',')}`] : [],
  );
  return ['npx mnn reproduce', name, `--preset ${preset}`, ...choice].join(' ');
}

function noNumberNotes(datasets: readonly string[]): string[] {
  const others = datasets.filter((dataset) => !isPaperDataset(dataset)).map(datasetName);
  return [
    ...(others.length > 0
      ? [`The paper does not use ${others.join(' and ')}: there are no published numbers.`]
      : []),
    ...(others.length < datasets.length ? ['No published number was found for it.'] : []),
  ];
}

function toleranceNote({ name, label }: Cell['metric'], published: readonly PublishedNumber[]): string[] {
  const deviation = publishedDeviation(name, published);
  if (deviation !== null) {
    return [
      `Tolerance (${label}): 2 standard deviations of the difference of the published number, of one seed, and ` +
        `our mean of n, 2 · ${deviation.toFixed(2)} · √(1 + 1/n). So much does one number vary between the ` +
        "authors' two tables of the same methods.",
    ];
  }
  return name === 'purity'
    ? ['Tolerance (purity): 0.02, chosen; it was published once, with two decimals.']
    : [];
}

function scaleNotes(cells: readonly Cell[]): string[] {
  return [...new Set(cells.map(({ dataset }) => dataset))].flatMap((dataset) => {
    const own = cells.filter((cell) => cell.dataset === dataset);
    const reasons = [...new Set(own.flatMap(({ scaleReasons }) => scaleReasons))];
    return reasons.length > 0 ? [`Reduced scale on ${datasetName(dataset)}: ${reasons.join('; ')}.`] : [];
  });
}

/** Times mean nothing without the machine. */
function machineNotes(cells: readonly Cell[]): string[] {
  const timed = cells.filter(({ metric }) => metric.timing).flatMap(({ records }) => records);
  const machines = timed.map(({ provenance: { engine, cpu, gpu } }) =>
    [`engine ${engine.name}`, engine.threads === null ? '' : `${engine.threads} threads`, gpu ?? cpu.model]
      .filter(Boolean)
      .join(', '),
  );
  return [...new Set(machines)].map((machine) => `Measured with ${machine}.`);
}

interface SourceLetter {
  letter: string;
  number: PublishedNumber;
}

/** A letter for each source that a cell's number is from, in the order in which they come. */
function sourceLetters({ cells }: FilledTable): Map<string, SourceLetter> {
  const letters = new Map<string, SourceLetter>();
  for (const { published } of cells) {
    if (!published || letters.has(published.sourceName)) continue;
    letters.set(published.sourceName, {
      letter: String.fromCharCode('a'.charCodeAt(0) + letters.size),
      number: published,
    });
  }
  return letters;
}

function sourceNotes(letters: Map<string, SourceLetter>): string[] {
  return [...letters.values()].map(
    ({ letter, number }) => `${letter}: ${number.source.title}. ${number.source.note} ${number.source.url}`,
  );
}

function sourceName({ source, sourceName: name }: PublishedNumber): string {
  return source.date ? `${name}, ${source.date}` : name;
}

/** `91.40 ± 0.12 (2 of 3)`: mean, sample standard deviation, runs; null where nothing was measured. */
export function ourNumber({ mean, deviation, runs, configs, metric }: Cell): string | null {
  if (mean === null) return null;
  const spread = deviation === null ? '' : ` ± ${deviation.toFixed(metric.digits)}`;
  const count = runs === configs.length ? `${runs}` : `${runs} of ${configs.length}`;
  return `${mean.toFixed(metric.digits)}${spread} (${count})`;
}

/** Purities were published with two decimals. */
export function publishedText({ value }: PublishedNumber, { name, digits }: Metric): string {
  return value.toFixed(name === 'purity' ? 2 : digits);
}

/** A difference with its sign, a real minus. */
export function signed(value: number, digits: number): string {
  return `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(digits)}`;
}
