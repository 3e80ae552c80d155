export { type ReportOptions, reportPage } from './page';
export { type ReportTable, reportPresets, reportTables } from './report-tables';
