export { interruptSignal } from '../interruption';
export {
  displayChart,
  displayFrame,
  displayImages,
  displayTable,
  type FrameLike,
  frameTable,
} from './display';
export { type ParameterValue, parseParameter } from './parameters';
export { displayProgress, type ProgressBar } from './progress-bar';
export { type NotebookResult, type RunNotebookOptions, runNotebook } from './run';
export { displayTensor } from './tensor';
export { displayTraining, type TrainingWatch } from './training-run';
