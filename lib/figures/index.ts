export { type ImageGridOptions, imageGrid } from './image-grid';
export { type FigureOptions, learningCurves } from './learning-curves';
export { type PngOptions, renderPng, renderSvg, saveFigure } from './render';
export type { ChartSpec } from './spec';
export type { Theme } from './theme';
export { type TrainingSoFar, trainingRun } from './training-run';
