export { type AblationOptions, lambdaCurve, topKCurve } from './ablation-curves';
export { type BarsOptions, barsAgainstPublished } from './bars-against-published';
export { type FigureRequest, findFigure, type NamedFigure, namedFigures } from './catalog';
export {
  accuracyDots,
  beforePublishedCurve,
  type ComparisonFigureOptions,
  costAgainstAccuracy,
  purityAgainstAccuracy,
  rankAgainstRank,
} from './comparison-figures';
export {
  datasetSamples,
  datasetViews,
  type SampleOptions,
  type ViewOptions,
} from './dataset-figures';
export { type FeatureMapData, type FeatureMapOptions, featureMap } from './feature-map';
export { type ImageGridOptions, imageGrid, imageUri } from './image-grid';
export { type ImageRow, imageRows } from './image-rows';
export { learningCurves, lossCurves, purityCurves } from './learning-curves';
export { methodOverview } from './method-overview';
export {
  type GalleryData,
  type GalleryImage,
  type GalleryRow,
  neighborGallery,
} from './neighbor-gallery';
export {
  type FeatureMapRun,
  featureMapData,
  type GalleryRun,
  galleryData,
  type NetworkRun,
} from './network-figures';
export {
  type FigureFormat,
  figureFormats,
  type PngOptions,
  renderPdf,
  renderPng,
  renderSvg,
  type SaveOptions,
  saveFigure,
} from './render';
export { type AccuracyMetric, accuracyMetrics } from './series';
export type { ChartSpec, FigureOptions } from './spec';
export { type Theme, themeConfig } from './theme';
export { type TrainingSoFar, trainingRun } from './training-run';
