export { interruptSignal } from '../core/interruption';
export {
  displayChart,
  displayChartOrReason,
  displayChartsByDataset,
  displayDataset,
  displayFrame,
  displayImages,
  displayTable,
  displayViews,
  type FrameLike,
  frameTable,
} from './display';
export {
  chosenRecords,
  displayMissing,
  displayPaperTable,
  type NotebookChoice,
  paperTableRecords,
} from './paper-table';
export { type ParameterValue, parseParameter } from './parameters';
export { displayProgress, type ProgressBar } from './progress-bar';
export { checkNotebook, type NotebookResult, type RunNotebookOptions, runNotebook } from './run';
export { displayTensor } from './tensor';
export { displayTraining, type TrainingWatch } from './training-run';
