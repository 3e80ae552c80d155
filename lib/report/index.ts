export { type ReportOptions, reportPage, reportTitle } from './page';
export { type ReportTable, reportPresets, reportTables } from './report-tables';
