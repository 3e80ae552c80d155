export { bestOf, pooledDeviation } from './best';
export {
  type Cell,
  type FilledTable,
  fillTable,
  loadTable,
  type PlannedCell,
  planTable,
  publishedValues,
  type TableSelection,
  tableRuns,
} from './cells';
export {
  compareRows,
  comparisonOfRows,
  type RankAgreement,
  type RowComparison,
  rankAgreement,
} from './compare-rows';
export { type ComparisonOptions, comparisonTable, rawPixelNotes, seedsTable } from './comparison';
export { quickTable } from './comparison-tables';
export { conclusions } from './conclusion';
export { type FindingSection, type Findings, findings, findingsMarkdown, spreadSentence } from './findings';
export { type CurveAgreement, curveAgreement, firstEpochsTable, publishedCurves } from './first-epochs';
export { methodsTable } from './methods-table';
export { costSentence, makePlan, type PlanFolders, planSummary, planTableView, type TablePlan } from './plan';
export {
  loadPublished,
  type OtherNumbers,
  type PublishedClaim,
  type PublishedCurve,
  type PublishedNumber,
  type PublishedSource,
  publishedPath,
  publishedSchema,
  readPublished,
} from './published';
export { type PublishedOptions, publishedDifferences, publishedFor, publishedForRun } from './published-for';
export {
  longTable,
  missingNotes,
  ourNumber,
  publishedText,
  reproduceCommand,
  signed,
  whatRan,
  wideTable,
} from './show';
export { type SourcedNumbers, sourceSpread, sourcesOf, sourcesTable } from './sources';
export { studyTable } from './study';
export type { Metric, PaperRow, PaperTable } from './table';
export { findTable, paperTables, tableList } from './tables';
export { publishedDeviation, tolerance, type Verdict } from './verdict';
