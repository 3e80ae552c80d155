import type { RunConfig } from '../config/run-config';
import type { PaperDataset } from '../presets';
import type { Metric } from './metrics';

/** One line of a table: a method with the options that the line is about. */
export interface PaperRow {
  label: string;
  method: string;
  /** Options where they are not the method's own in the comparison. */
  options: RunConfig['options'];
  /** Has published numbers only if they were made with its very options: other lines tell these apart. */
  exact?: true;
}

/** A table of the paper as data. Its columns are its datasets, once for each metric. */
export interface PaperTable {
  name: string;
  title: string;
  /** What it shows, in a sentence. */
  summary: string;
  metrics: Metric[];
  rows: PaperRow[];
  datasets: readonly PaperDataset[];
  /** Whether any other method can be asked for, as a line of its own. */
  open: boolean;
  /** Where its settings come from, and what was chosen because the paper's are not known. */
  notes: string[];
  /** Notes for where a dataset is shown. */
  datasetNotes?: Partial<Record<PaperDataset, string>>;
}
