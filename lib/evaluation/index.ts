export { extractFeatures, testView } from './features';
export { type LinearEpoch, linearEvaluation } from './linear';
export { LinearClassifier } from './linear-classifier';
export { topKAccuracy } from './metrics';
export {
  type NearestNeighbourOptions,
  nearestNeighbourAccuracy,
  nearestNeighbourScores,
  rawPixelAccuracy,
} from './nearest-neighbours';
