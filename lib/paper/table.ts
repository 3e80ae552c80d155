import type { RunConfig } from '../config/run-config';
import type { PaperDataset, PresetName } from '../presets';
import type { RunRecord } from '../results';

/** One line of a table: a method with the options that the line is about. */
export interface PaperRow {
  label: string;
  method: string;
  /** Options where they are not the method's own in the comparison. */
  options: RunConfig['options'];
  /** Has published numbers only if they were made with its very options: other lines tell these apart. */
  exact?: true;
  /** Seeds to run unless others are asked for; default: the paper's three. */
  seeds?: readonly number[];
}

/** A table as data, the paper's or another. Its columns are its datasets, once for each metric. */
export interface PaperTable {
  name: string;
  title: string;
  /** What it shows, in a sentence. */
  summary: string;
  metrics: Metric[];
  rows: PaperRow[];
  datasets: readonly string[];
  /** Whether any other method can be asked for, as a line of its own. */
  open: boolean;
  /** Methods that `all` stands for. Default: those of its lines. */
  all?: readonly string[];
  /** The preset that its runs have unless another is asked for. Default: small. */
  preset?: PresetName;
  /** Where its settings come from, and what was chosen because the paper's are not known. */
  notes: string[];
  /** Notes for where a dataset is shown. */
  datasetNotes?: Partial<Record<PaperDataset, string>>;
}

/** What a cell of a table measures. */
export interface Metric {
  /** The name that published numbers have, where there are any. */
  name: 'linear-top1' | 'knn-top1' | 'purity' | 'seconds-per-epoch' | 'images-per-second';
  label: string;
  /** Decimals that are shown. */
  digits: number;
  /** Its value in a run; null where the run did not measure it. */
  of: (record: RunRecord) => number | null;
  /** Whether it depends on the machine, so that tables name it. */
  timing?: true;
}

export const linearTop1: Metric = {
  name: 'linear-top1',
  label: 'linear top-1 %',
  digits: 2,
  of: ({ metrics }) => metrics.linearTop1,
};

export const knnTop1: Metric = {
  name: 'knn-top1',
  label: 'k-NN top-1 %',
  digits: 2,
  of: ({ metrics }) => metrics.knnTop1,
};

export const purity: Metric = {
  name: 'purity',
  label: 'purity',
  digits: 3,
  of: ({ metrics }) => metrics.purity,
};

export const secondsPerEpoch: Metric = {
  name: 'seconds-per-epoch',
  label: 's/epoch',
  digits: 1,
  of: ({ timing }) =>
    timing.epochSeconds.length > 0 ? timing.pretrainSeconds / timing.epochSeconds.length : null,
  timing: true,
};

export const imagesPerSecond: Metric = {
  name: 'images-per-second',
  label: 'images/s',
  digits: 0,
  of: ({ timing }) => (timing.imagesPerSecond > 0 ? timing.imagesPerSecond : null),
  timing: true,
};
