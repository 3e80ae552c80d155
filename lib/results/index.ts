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
export { formatEpoch } from './format';
export { type BackboneOrigin, modelSchema, nameOfFile, originSchema } from './origin';
export { packPredictions, unpackPredictions } from './predictions';
export { collectProvenance, gitState, machineOf, type RunFacts } from './provenance';
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
export { type PublishedSchema, publishedSchemas, writeSchemas } from './schema';
export { type RecordChoice, selectRecords } from './select';
export {
  defaultRecordsFolder,
  loadRecord,
  loadRecords,
  type RecordReport,
  refuseOtherPictures,
  saveRecord,
  validateRecords,
} from './store';
