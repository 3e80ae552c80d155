import { type Interval, studentQuantile } from '../core/paired-statistics';
import { distinct } from '../core/statistics';
import type { Table } from '../core/table';
import { datasetName } from '../data';
import { methodName } from '../methods';
import { isPaperDataset, paperDatasets, paperSeeds } from '../presets';
import { type ComparedAccuracy, compareRuns, type PartialRecord, type RunRecord } from '../results';
import { bestOf, pooledDeviation } from './best';
import { type Cell, type FilledTable, fillTable } from './cells';
import { rankAgreement } from './compare-rows';
import { curveAgreement, firstEpochsTable, publishedCurves } from './first-epochs';
import { loadPublished, type PublishedNumber } from './published';
import { signed, whatRan, wideTable } from './show';
import { sourceSpread, sourcesOf } from './sources';
import { studyTable } from './study';
import { findTable } from './tables';

/** What records say about the paper, in sentences that hold their numbers. */
export interface Findings {
  /** The most important in a few sentences. */
  summary: string[];
  sections: FindingSection[];
}

export interface FindingSection {
  title: string;
  /** At which scale its runs were made. */
  scale: string;
  /** What comes first. */
  headline: string[];
  agrees: string[];
  differs: string[];
  undecided: string[];
  /** What was measured and has no published counterpart. */
  others: string[];
  /** The numbers behind it. */
  tables: Table[];
}

/**
 * What was found: for each preset and dataset with records what agrees with the published numbers, what does not and
 * what is undecided; then the first epochs at the paper's scale beside published curves. The built-in dataset, a
 * demonstration, counts only if nothing else ran.
 */
export function findings(
  records: readonly RunRecord[],
  partial: readonly PartialRecord[] = [],
  published: readonly PublishedNumber[] = loadPublished(),
): Findings {
  const real = records.filter(({ config }) => isPaperDataset(config.dataset));
  const own = real.length > 0 || partial.length > 0 ? real : records;
  const groups = distinct(own.map(({ config }) => `${config.preset} ${config.dataset}`)).map((key) =>
    own.filter(({ config }) => `${config.preset} ${config.dataset}` === key),
  );
  const sections = [
    ...partial.map(partialSection),
    ...groups.map((group) => studySection(group, published)),
  ].filter((section) => section !== null);
  return { summary: sections.flatMap(summaryOf), sections };
}

/** Two cells compared: a difference in points with a 95 % interval. */
interface Difference {
  value: number;
  interval: Interval | null;
  verdict: 'higher' | 'lower' | 'cannot tell';
}

/**
 * Over the same seeds and test images where both have two seeds or more and kept their predictions, then the interval is
 * the wider of the two that decide; else by the deviation over seeds, pooled over all rows.
 */
function differenceOf(a: Cell, b: Cell, cells: readonly Cell[]): Difference {
  const paired = pairedDifference(a, b);
  if (paired) return paired;
  const value = a.mean! - b.mean!;
  const pooled = pooledDeviation(cells);
  if (!pooled) return { value, interval: null, verdict: 'cannot tell' };
  const { deviation, freedom } = pooled;
  const reach = studentQuantile(freedom) * deviation * Math.sqrt(1 / a.runs + 1 / b.runs);
  const verdict = Math.abs(value) <= reach ? 'cannot tell' : value > 0 ? 'higher' : 'lower';
  return { value, interval: [value - reach, value + reach], verdict };
}

function pairedDifference(a: Cell, b: Cell): Difference | null {
  const accuracy: ComparedAccuracy = a.metric.name === 'linear-top1' ? 'linear' : 'knn';
  const seeds = a.records.map(({ config }) => config.seed);
  const shared = b.records.filter(({ config }) => seeds.includes(config.seed));
  const both = [...a.records, ...b.records];
  const hasAll =
    both.every(({ predictions }) => predictions?.[accuracy]) &&
    both.every(({ dataset }) => dataset.checksum === both[0].dataset.checksum);
  if (shared.length < 2 || !hasAll) return null;
  const { mean, interval, seedInterval, verdict } = compareRuns(a.records, b.records, accuracy);
  const [low, high] = seedInterval ?? interval;
  return { value: mean, interval: [Math.min(interval[0], low), Math.max(interval[1], high)], verdict };
}

function comparison({ value, interval }: Difference): string {
  const range = interval ? ` (95 %: ${signed(interval[0], 1)} to ${signed(interval[1], 1)})` : '';
  return `${signed(value, 1)}${range}`;
}

const accuracyNames = { 'linear-top1': 'linear', 'knn-top1': 'k-NN' } as const;
type AccuracyName = keyof typeof accuracyNames;
const isAccuracy = (name: string): name is AccuracyName => name in accuracyNames;

function studySection(records: RunRecord[], published: readonly PublishedNumber[]): FindingSection | null {
  const { preset, dataset } = records[0].config;
  // A demonstration may have been run with other seeds than the study's.
  const seeds = distinct(records.map(({ config }) => config.seed));
  const usual = seeds.includes(paperSeeds[0]);
  const selection = { preset, datasets: [dataset], ...(!usual && { seeds }) };
  const filled = fillTable(studyTable, selection, records, published);
  const study = whatRan(filled);
  if (study.cells.every(({ mean }) => mean === null)) return null;
  const section: FindingSection = {
    title: `${datasetName(dataset)}, preset ${preset}`,
    scale: scaleOf(study.cells.flatMap((cell) => cell.records)),
    headline: bestSentences(study),
    ...{ agrees: [], differs: [], undecided: [], others: [], tables: [wideTable(filled)] },
  };
  for (const metric of studyTable.metrics.filter(({ name }) => isAccuracy(name))) {
    const cells = study.cells.filter((cell) => cell.metric === metric && cell.mean !== null);
    againstPublished(cells, section);
    components(cells, section);
    untrained(cells, section);
  }
  const linear = fillTable(findTable('linear'), selection, records, published);
  const knn = fillTable(findTable('knn'), selection, records, published);
  for (const table of [linear, knn]) order(table, section);
  return section;
}

function scaleOf(records: readonly RunRecord[]): string {
  const { config, dataset, scale } = records[0];
  const runs = new Set(records.map(({ id }) => id)).size;
  const seeds = distinct(records.map((record) => record.config.seed)).length;
  return (
    `${scale === 'paper' ? "The paper's scale" : "Not the paper's scale"}: ResNet-18 of width ${config.model.width}, ` +
    `${dataset.trainImages.toLocaleString('en')} training and ${dataset.testImages.toLocaleString('en')} test images, ` +
    `${config.training.epochs} epochs; ${runs} ${runs === 1 ? 'run' : 'runs'}, ${seeds} ${seeds === 1 ? 'seed' : 'seeds'}.`
  );
}

/** MNN against each method that has published numbers on the dataset: does the difference have the published sign? */
function againstPublished(cells: readonly Cell[], section: FindingSection): void {
  const mnn = cells.find(({ row }) => row.label === methodName('mnn'));
  if (!mnn?.published) return;
  for (const cell of cells) {
    const isMethod = Object.keys(cell.row.options).every((option) => option === 'topK');
    if (cell === mnn || !isMethod || !cell.published) continue;
    const difference = differenceOf(mnn, cell, cells);
    const there = mnn.published.value - cell.published.value;
    const sentence =
      `MNN against ${cell.row.label}, ${accuracyName(mnn)}: ${comparison(difference)} points; ` +
      `published ${signed(there, 1)}.`;
    judge(section, sentence, difference, there > 0);
  }
}

/** Files a sentence by whether the difference has the sign that was published, if it can be told. */
function judge(section: FindingSection, sentence: string, { verdict }: Difference, isHigher: boolean): void {
  if (verdict === 'cannot tell') section.undecided.push(sentence);
  else section[(verdict === 'higher') === isHigher ? 'agrees' : 'differs'].push(sentence);
}

/** What the paper's abstract says of the components; the numbers of its ablations could not be read. */
function claimOf({ row }: Cell): string | null {
  const { method, options } = row;
  if (method === 'msf' && options.weighting) return 'mixing helps';
  if (method === 'msf' && options.mixing) return 'the weighting helps';
  if (method === 'byol' && options.views) return 'mixed neighbors help';
  return null;
}

function components(cells: readonly Cell[], section: FindingSection): void {
  const mnn = cells.find(({ row }) => row.label === methodName('mnn'));
  if (!mnn) return;
  for (const cell of cells) {
    const own = Object.keys(cell.row.options).filter((option) => option !== 'topK');
    if (cell === mnn || own.length === 0) continue;
    const difference = differenceOf(mnn, cell, cells);
    const sentence = `MNN against ${cell.row.label}, ${accuracyName(mnn)}: ${comparison(difference)} points`;
    const claim = claimOf(cell);
    if (claim) judge(section, `${sentence}; published: ${claim}.`, difference, true);
    else {
      const doubt = difference.verdict === 'cannot tell' ? ', not distinguishable' : '';
      section.others.push(`${sentence}${doubt}.`);
    }
  }
}

function accuracyName({ metric }: Cell): string {
  return `${accuracyNames[metric.name as AccuracyName]} top-1`;
}

/** What the images and the network give without any training. */
function untrained(cells: readonly Cell[], section: FindingSection): void {
  const none = cells.find(({ row }) => row.method === 'untrained');
  const trained = cells.filter((cell) => cell !== none);
  if (!none || trained.length === 0) return;
  const pixels = cells.flatMap(({ records, metric }) =>
    records.flatMap(({ metrics }) =>
      metric.name === 'linear-top1' ? (metrics.rawPixelLinearTop1 ?? []) : (metrics.rawPixelKnnTop1 ?? []),
    ),
  );
  const floor = Math.max(none.mean!, ...pixels);
  const above = trained.filter(({ mean }) => mean! > floor);
  section.others.push(
    `Without training, ${accuracyName(none)}: the network ${none.mean!.toFixed(1)} %` +
      `${pixels.length > 0 ? `, raw pixels ${Math.max(...pixels).toFixed(1)} %` : ''}; ` +
      `${above.length} of ${trained.length} trained rows are above ${pixels.length > 0 ? 'both' : 'it'}.`,
  );
}

/** The order of the methods against the published one. */
function order(table: FilledTable, section: FindingSection): void {
  for (const { metric, rows, tau, interval } of rankAgreement(table)) {
    const range = interval ? ` (95 %: ${interval.map((end) => end.toFixed(2)).join(' to ')})` : '';
    const sentence =
      `The order of ${rows} methods, ${metric.label}, against the published order: Kendall's tau ` +
      `${tau.toFixed(2)}${range}; 1 is the same order, 0 is no relation.`;
    if (!interval || (interval[0] <= 0 && interval[1] >= 0)) section.undecided.push(sentence);
    else section[tau > 0 ? 'agrees' : 'differs'].push(sentence);
  }
}

function partialSection(record: PartialRecord): FindingSection | null {
  const { config, curves } = record;
  const section: FindingSection = {
    title: `${methodName(config.method)} on ${datasetName(config.dataset)}, preset ${config.preset}: the first ${curves.length} of ${config.training.epochs} epochs`,
    scale:
      record.scale === 'paper'
        ? `The paper's scale, seed ${config.seed}, as far as it went.`
        : `Not the paper's scale: ${record.scaleReasons.join('; ')}.`,
    headline: [],
    ...{ agrees: [], differs: [], undecided: [], others: [], tables: [firstEpochsTable(record)] },
  };
  const [curve] = publishedCurves(config);
  const agreement = curve ? curveAgreement(record, curve) : [];
  for (const { epoch, ours, published, difference, allowed, verdict } of agreement) {
    section[verdict === 'within' ? 'agrees' : 'differs'].push(
      `After epoch ${epoch}: k-NN top-1 ${ours.toFixed(1)} %, published ${published.toFixed(1)} %; ` +
        `difference ${signed(difference, 1)}, allowed ${allowed.toFixed(1)}.`,
    );
  }
  if (agreement.length > 0) {
    const values = agreement.map(
      ({ epoch, ours, published, verdict }) =>
        `${ours.toFixed(1)} % after ${epoch} (published ${published.toFixed(1)}, ${verdict})`,
    );
    return { ...section, headline: [`k-NN top-1 ${values.join(', ')}.`] };
  }
  const evaluated = curves.filter(({ knnTop1 }) => knnTop1 !== null);
  section.others.push(
    `k-NN top-1 ${evaluated.map(({ epoch, knnTop1 }) => `${knnTop1!.toFixed(1)} % after epoch ${epoch}`).join(', ')}; ` +
      'no comparable published curve was found.',
  );
  return evaluated.length > 0 ? section : null;
}

/** A section in one or two sentences. */
function summaryOf(section: FindingSection): string[] {
  const { title, headline, agrees, differs, undecided } = section;
  const total = agrees.length + differs.length + undecided.length;
  const lead = headline.map((sentence) => `${title}: ${sentence}`);
  if (total === 0) return lead.length > 0 ? lead : section.others.map((sentence) => `${title}: ${sentence}`);
  const counts = [
    ...(agrees.length > 0 ? [`${agrees.length} ${agrees.length === 1 ? 'agrees' : 'agree'}`] : []),
    ...(differs.length > 0 ? [`${differs.length} ${differs.length === 1 ? 'differs' : 'differ'}`] : []),
    ...(undecided.length > 0
      ? [`${undecided.length} ${undecided.length === 1 ? 'is' : 'are'} undecided`]
      : []),
  ];
  return [
    ...lead,
    `${title}: of ${total} ${total === 1 ? 'comparison' : 'comparisons'} with published statements ${counts.join(', ')}.`,
  ];
}

/** The best row of each accuracy, and what is not distinguishable from it. */
function bestSentences({ cells }: FilledTable): string[] {
  return studyTable.metrics.flatMap((metric) => {
    const own = cells.filter((cell) => cell.metric === metric && cell.mean !== null);
    if (!isAccuracy(metric.name) || own.length < 2) return [];
    const { best, tied } = bestOf(own);
    const highest = best ?? own.reduce((a, b) => (b.mean! > a.mean! ? b : a));
    const spread = highest.deviation === null ? '' : ` ± ${highest.deviation.toFixed(metric.digits)}`;
    const seeds = highest.runs === 1 ? 'one seed' : `${highest.runs} seeds`;
    const reached =
      `${highest.row.label} has the highest ${accuracyName(highest)} of ${own.length} rows, ` +
      `${highest.mean!.toFixed(metric.digits)}${spread} % (${seeds})`;
    if (!best) return [`${reached}; one seed ranks nothing.`];
    if (tied.length === 0) return [`${reached}, above all others.`];
    return [`${reached}; not distinguishable from it: ${tied.map(({ row }) => row.label).join('; ')}.`];
  });
}

/** The findings as a page in Markdown. */
export function findingsMarkdown({ summary, sections }: Findings, table: (table: Table) => string): string {
  const list = (sentences: readonly string[]) => sentences.map((sentence) => `- ${sentence}`).join('\n');
  const part = (title: string, sentences: readonly string[]) =>
    sentences.length > 0 ? [`### ${title}`, list(sentences)] : [];
  const paragraphs = [
    '# Findings',
    'Made from the records in `results/records` by `npx mnn findings`. Differences are in points of accuracy, with 95 % ' +
      'intervals over test images and seeds; against a row with one seed, by how much seeds vary in the other rows. If ' +
      'an interval contains 0, the comparison is undecided. Nothing is corrected for the number of comparisons: one in ' +
      'twenty would be decided by chance.',
    ...(summary.length > 0 ? [list(summary)] : ['No run has a record yet: there is nothing to say.']),
    ...sections.flatMap((section) => [
      `## ${section.title}`,
      section.scale,
      ...part('Agrees with what was published', section.agrees),
      ...part('Differs from what was published', section.differs),
      ...part('Undecided', section.undecided),
      ...part('Without a published counterpart', section.others),
      ...section.tables.map(table),
    ]),
    '## How far published sources differ',
    spreadSentence(),
  ];
  return `${paragraphs.join('\n\n')}\n`;
}

/** By how much sources of the same method differ after 200 epochs: what a reproduction is judged against. */
export function spreadSentence(): string {
  const rows = sourcesOf('linear-top1');
  const methods = distinct(rows.map(({ method }) => method));
  const spreads = paperDatasets.flatMap((dataset) => {
    const own = methods.flatMap((method) => sourceSpread(rows, method, dataset) ?? []);
    if (own.length === 0) return [];
    const ends = distinct([Math.min(...own), Math.max(...own)].map((value) => value.toFixed(1)));
    return [`${ends.join(' to ')} points on ${datasetName(dataset)}`];
  });
  return (
    `Verified sources of the same method differ after 200 epochs by ${spreads.join(', ')} (linear top-1), under ` +
    'protocols that differ in details: `npx mnn results sources --epochs 200`.'
  );
}
