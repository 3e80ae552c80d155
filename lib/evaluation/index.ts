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
  type NearestNeighborOptions,
  nearestNeighborAccuracy,
  nearestNeighborPredictions,
  nearestNeighborScores,
} from './nearest-neighbors';
export { checkNeighbors, type NearestRows, nearestRows, neighborPurity } from './neighbors';
export { type Projection, type ProjectionOptions, project, projections } from './projection';
export {
  type RawPixelBaselines,
  type RawPixelPart,
  rawPixelAccuracy,
  rawPixelBaselines,
  rawPixelLinearAccuracy,
} from './raw-pixels';
export { type TsneOptions, type TsneResult, tsne } from './tsne';
