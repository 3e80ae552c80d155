export {
  type BenchmarkRecord,
  type BenchmarkTiming,
  benchmarkSchema,
  defaultBenchmarksFolder,
  saveBenchmark,
} from './benchmark';
export { datasetTable, wholeText } from './dataset-table';
export {
  defaultEvaluationsFolder,
  type EvaluationRecord,
  evaluationId,
  evaluationRecordSchema,
  loadEvaluation,
  saveEvaluation,
  validateEvaluations,
} from './evaluation';
export { datasetName, escapeHtml, formatDuration, formatEpoch, methodName } from './format';
export { methodsTable } from './methods-table';
export { type PaperImages, paperImages, paperScale, presetOf } from './paper-scale';
export { packPredictions, unpackPredictions } from './predictions';
export { collectProvenance, gitState, machineOf, type RunFacts } from './provenance';
export {
  loadPublished,
  type PublishedClaim,
  type PublishedNumber,
  type PublishedReading,
  type PublishedSource,
  publishedPath,
  publishedSchema,
  readPublished,
} from './published';
export {
  madeWithOthers,
  type PublishedOptions,
  publishedFor,
  publishedForRun,
} from './published-for';
export {
  type CurvePoint,
  comparableRecord,
  type LinearPoint,
  type Provenance,
  RECORD_VERSION,
  type RunMetrics,
  type RunRecord,
  readRecord,
  recordId,
  runRecordSchema,
  type Timing,
} from './record';
export { type RecordRow, recordRows } from './rows';
export { describeScale, type ImageCounts, type PaperScale } from './scale';
export { type PublishedSchema, publishedSchemas, writeSchemas } from './schema';
export { type RecordChoice, selectRecords } from './select';
export { shortfall, shortfallNotes } from './shortfall';
export {
  defaultRecordsFolder,
  loadRecord,
  loadRecords,
  type RecordReport,
  refuseOtherPictures,
  saveRecord,
  validateRecords,
} from './store';
export {
  type ComparisonOptions,
  comparisonTable,
  rawPixelNotes,
  seedsTable,
  type Table,
  type TableColumn,
} from './table';
export { formatTable, type TableFormat, tableFormats } from './table-format';
