export { adjustBrightness, adjustContrast, adjustSaturation } from './blend';
export { colorJitter, type Jitter, type JitterStrength, sampleJitter } from './color-jitter';
export { denormalize } from './denormalize';
export { boxBlur, gaussianBlur } from './gaussian-blur';
export { grayscale, luma } from './grayscale';
export { horizontalFlip } from './horizontal-flip';
export { adjustHue } from './hue';
export { makeViews, type ViewBatch, type ViewBatchRequest } from './make-views';
export { normalize } from './normalize';
export { type CropBox, type CropScale, sampleCrop } from './random-resized-crop';
export {
  type Augmentation,
  linearTrain,
  type RecipeName,
  recipe,
  recipeNames,
  strong,
  testView,
  weak,
} from './recipes';
export { resizedCrop } from './resized-crop';
export { defaultWorkers, ViewLoader, type ViewLoaderOptions } from './view-loader';
