export { extractFeatures, testView } from './features';
export {
  type LinearEpoch,
  type LinearEvaluationOptions,
  type LinearSettings,
  linearEvaluation,
  linearMetrics,
} from './linear';
export { LinearClassifier } from './linear-classifier';
export { accuracyOf, predictedClasses, topKAccuracy } from './metrics';
export {
  type NearestNeighbourOptions,
  nearestNeighbourAccuracy,
  nearestNeighbourPredictions,
  nearestNeighbourScores,
} from './nearest-neighbours';
export { checkNeighbours, type NearestRows, nearestRows, neighbourPurity } from './neighbours';
export { type Projection, type ProjectionOptions, project, projections } from './projection';
export {
  type RawPixelBaselines,
  type RawPixelPart,
  rawPixelAccuracy,
  rawPixelBaselines,
  rawPixelLinearAccuracy,
} from './raw-pixels';
export { type TsneOptions, type TsneResult, tsne } from './tsne';
