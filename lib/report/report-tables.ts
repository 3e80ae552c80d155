import { distinct } from '../core/statistics';
import { listMethods } from '../methods';
import type { PublishedNumber } from '../paper';
import { type FilledTable, fillTable, type PaperTable, paperTables, studyTable } from '../paper';
import { presetNames } from '../presets';
import type { RunRecord } from '../results';

/** A table of the paper with what the records say, once for each preset. */
export interface ReportTable {
  table: PaperTable;
  filled: FilledTable[];
}

/** Presets that have records, from the paper's down; the paper's always, for its published numbers. */
export function reportPresets(records: readonly RunRecord[]): string[] {
  const largestFirst = [...presetNames].reverse();
  const used = largestFirst.filter((preset) => records.some(({ config }) => config.preset === preset));
  return used.includes('paper') ? used : [...used, 'paper'];
}

/** Every table of the paper with every dataset and method of the records that can stand in it. */
export function reportTables(
  records: readonly RunRecord[],
  published: readonly PublishedNumber[],
  presets: readonly string[] = reportPresets(records),
): ReportTable[] {
  return [studyTable, ...paperTables].map((table) => ({
    table,
    filled: presets.map((preset) => {
      const own = records.filter(({ config }) => config.preset === preset);
      return fillTable(table, selectionOf(table, preset, own), own, published);
    }),
  }));
}

function selectionOf(table: PaperTable, preset: string, records: readonly RunRecord[]) {
  const inTable: string[] = table.rows.map(({ method }) => method);
  const loaded = listMethods().map(({ name }) => name);
  const ran = records.map(({ config }) => config.method).filter((method) => loaded.includes(method));
  return {
    preset,
    methods: distinct(table.open ? [...inTable, ...ran] : inTable),
    datasets: distinct([
      ...(preset === 'quick' ? ['patterns10'] : table.datasets),
      ...records.map(({ config }) => config.dataset),
    ]),
  };
}
