export {
  type Cell,
  type FilledTable,
  fillTable,
  loadTable,
  type PlannedCell,
  planTable,
  type TableSelection,
  tableRuns,
} from './cells';
export type { Metric } from './metrics';
export { publishedValues } from './published-value';
export { longTable, wideTable } from './show';
export type { PaperRow, PaperTable } from './table';
export { findTable, paperTables, tableList } from './tables';
export { publishedDeviation, tolerance, type Verdict } from './verdict';
