import { unknownName } from '../core/errors';
import { distinct } from '../core/statistics';
import type { Table, TableColumn } from '../core/table';
import { datasetName } from '../data';
import { comparedMethods, methodName } from '../methods';
import { type PaperDataset, paperDatasets } from '../presets';
import { type PublishedNumber, type PublishedSource, readPublished } from './published';

type Metric = 'linear-top1' | 'knn-top1';

/** What one source says of a method: accuracies in percent by dataset. */
export interface SourcedNumbers {
  method: string;
  /** Which of several forms of the method; empty if there is one. */
  variant: string;
  epochs: number;
  batchSize: number | null;
  seeds: number | null;
  values: Partial<Record<PaperDataset, number>>;
  deviations: Partial<Record<PaperDataset, number>>;
  sourceName: string;
  source: PublishedSource;
}

/** The authors' current tables and their sibling paper's: 200 epochs, batch 256, one seed. Older ones are left out. */
const ofTheGroup = ['mnn-readme', 'benchmark-readme', 'msvq'];
const paperEpochs = 200;

/**
 * What published sources say of each method of the comparison with a metric, the authors first.
 * @throws UserError for another metric.
 */
export function sourcesOf(metric: string, published = readPublished()): SourcedNumbers[] {
  const metrics: Metric[] = ['linear-top1', 'knn-top1'];
  if (!metrics.includes(metric as Metric)) throw unknownName('metric', metric, metrics);
  const group = ofTheGroup.flatMap((name) =>
    rowsOfGroup(published.entries.filter((entry) => entry.sourceName === name && entry.metric === metric)),
  );
  const others = published.others
    .filter((other) => other.metric === metric)
    .map(
      ({ method, variant = '', epochs, batchSize, seeds, values, deviations = {}, sourceName, source }) => ({
        ...{ method, variant, epochs, batchSize: batchSize ?? null, seeds: seeds ?? null },
        ...{ values, deviations, sourceName, source },
      }),
    );
  const all = [...group, ...others.sort((a, b) => a.epochs - b.epochs)];
  return comparedMethods.flatMap((method) => all.filter((row) => row.method === method));
}

/** One row for each method and variant; MSF of the README of MNN is the benchmark's of before its fix. */
function rowsOfGroup(entries: readonly PublishedNumber[]): SourcedNumbers[] {
  const own = entries.filter(({ method, sourceName }) => !(method === 'msf' && sourceName === 'mnn-readme'));
  const key = ({ method, variant }: PublishedNumber) => `${method} ${variant}`;
  return distinct(own.map(key)).map((name) => {
    const rows = own.filter((entry) => key(entry) === name);
    const { method, variant = '', sourceName, source } = rows[0];
    return {
      ...{ method, variant: variant.replace('k=', 'K = '), epochs: paperEpochs, batchSize: 256, seeds: 1 },
      values: Object.fromEntries(rows.map(({ dataset, value }) => [dataset, value])),
      ...{ deviations: {}, sourceName, source },
    };
  });
}

/**
 * By how much, in points, the largest and the smallest number of a method after the 200 epochs of the paper differ;
 * null of fewer than two sources. Forms of a method that are not the comparison's are left out.
 */
export function sourceSpread(
  rows: readonly SourcedNumbers[],
  method: string,
  dataset: PaperDataset,
): number | null {
  const own = rows.filter((row) => row.method === method && row.epochs === paperEpochs && isCompared(row));
  const values = own.flatMap(({ values: all }) => all[dataset] ?? []);
  const sources = new Set(
    own.filter(({ values: all }) => all[dataset] !== undefined).map((row) => row.sourceName),
  );
  return sources.size < 2 ? null : Math.max(...values) - Math.min(...values);
}

/** The comparison has MoCoV2 symmetric, BYOL with two strong views, and NNCLR with one neighbor as it was published. */
function isCompared({ method, variant }: SourcedNumbers): boolean {
  const others: Record<string, string[]> = {
    'moco-v2': ['asymmetric'],
    byol: ['strong/weak'],
    nnclr: ['K = 5'],
  };
  return !others[method]?.includes(variant);
}

/**
 * What published sources say of the same method, with the spread of the sources after 200 epochs.
 * @param epochs of runs of so many epochs alone.
 * @throws UserError for another metric than linear-top1 and knn-top1.
 */
export function sourcesTable(metric: string, epochs?: number, published = readPublished()): Table {
  const rows = sourcesOf(metric, published).filter((row) => epochs === undefined || row.epochs === epochs);
  const datasets = paperDatasets.filter((dataset) =>
    rows.some(({ values }) => values[dataset] !== undefined),
  );
  const numbers = datasets.map(
    (dataset): TableColumn => ({
      key: dataset,
      label: datasetName(dataset),
      align: 'right',
    }),
  );
  return {
    columns: [
      { key: 'method', label: 'method', align: 'left' },
      { key: 'source', label: 'source', align: 'left' },
      { key: 'epochs', label: 'epochs', align: 'right' },
      { key: 'batchSize', label: 'batch', align: 'right' },
      { key: 'seeds', label: 'seeds', align: 'right' },
      ...numbers,
    ],
    rows: distinct(rows.map(({ method }) => method)).flatMap((method) => [
      ...rows.filter((row) => row.method === method).map((row) => sourceRow(row, datasets)),
      ...spreadRow(rows, method, datasets),
    ]),
    notes: [
      `${metric === 'linear-top1' ? 'Linear' : '200-NN'} top-1 %. Protocols differ; the numbers are in no table of ours.`,
      ...distinct(rows.map(({ sourceName }) => sourceName)).map((name) => {
        const { title, note, protocol, url } = rows.find(({ sourceName }) => sourceName === name)!.source;
        return `${name}: ${title}. ${[protocol, note].filter(Boolean).join(' ')} ${url}`;
      }),
    ],
  };
}

function sourceRow(row: SourcedNumbers, datasets: readonly PaperDataset[]): Table['rows'][number] {
  const { method, variant, sourceName, epochs, batchSize, seeds, values, deviations } = row;
  const cells = datasets.map((dataset) => {
    const [value, deviation] = [values[dataset], deviations[dataset]];
    const spread = deviation === undefined ? '' : ` ± ${deviation}`;
    return [dataset, value === undefined ? null : `${value}${spread}`];
  });
  return {
    method: variant ? `${methodName(method)}, ${variant}` : methodName(method),
    source: sourceName,
    ...{ epochs, batchSize, seeds, ...Object.fromEntries(cells) },
  };
}

/** One row, if two sources or more have a number of the method on a dataset. */
function spreadRow(
  rows: readonly SourcedNumbers[],
  method: string,
  datasets: readonly PaperDataset[],
): Table['rows'] {
  const spreads = datasets.map((dataset) => [dataset, sourceSpread(rows, method, dataset)] as const);
  if (spreads.every(([, spread]) => spread === null)) return [];
  const cells = spreads.map(([dataset, spread]) => [dataset, spread === null ? null : spread.toFixed(1)]);
  const name = `${methodName(method)}: spread of the sources`;
  return [
    {
      ...{ method: name, source: null, epochs: paperEpochs, batchSize: null, seeds: null },
      ...Object.fromEntries(cells),
    },
  ];
}
