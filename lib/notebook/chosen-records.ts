import { existsSync } from 'node:fs';
import { loadRecords, type RunRecord, selectRecords } from '../results';

/** The parameters that notebooks of tables and figures share; an empty list stands for no choice. */
export interface NotebookChoice {
  preset: string;
  datasets: readonly string[];
  methods: readonly string[];
  seeds: readonly number[];
  /** Folder with the records. */
  records: string;
}

/** The records that a notebook's parameters choose; none where there is no folder yet. */
export function chosenRecords({ preset, records, ...lists }: NotebookChoice): RunRecord[] {
  return existsSync(records) ? selectRecords(loadRecords(records), { ...lists, presets: [preset] }) : [];
}
