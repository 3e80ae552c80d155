export { extractFeatures, testView } from './features';
export { type LinearEpoch, type LinearEvaluationOptions, linearEvaluation } from './linear';
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
export { rawPixelAccuracy } from './raw-pixels';
export { type TsneOptions, type TsneResult, tsne } from './tsne';
