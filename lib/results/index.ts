export { type ComparedAccuracy, compareRuns, type RunComparison } from './compare';
export {
  defaultEvaluationsFolder,
  type EvaluationRecord,
  evaluationId,
  evaluationRecordSchema,
  loadEvaluation,
  saveEvaluation,
  validateEvaluations,
} from './evaluation';
export { type BackboneOrigin, modelSchema, nameOfFile, originSchema } from './origin';
export {
  loadPartialRecord,
  loadPartialRecords,
  type PartialRecord,
  partialRecordSchema,
  partialRecordsFolder,
  savePartialRecord,
  validatePartialRecords,
} from './partial';
export { packPredictions, unpackPredictions } from './predictions';
export { collectProvenance, gitState, kitVersion, machineOf, type RunFacts } from './provenance';
export {
  type CurvePoint,
  comparableRecord,
  formatEpoch,
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
export { type PublishedSchema, publishedSchemas, writeSchemas } from './schema';
export {
  defaultRecordsFolder,
  loadReadableRecords,
  loadRecord,
  loadRecords,
  type RecordChoice,
  type RecordReport,
  type RecordRow,
  recordRows,
  refuseOtherImages,
  saveRecord,
  selectRecords,
  validateRecords,
} from './store';
