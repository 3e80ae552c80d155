export { interruptSignal } from '../core/interruption';
export { chosenRecords, type NotebookChoice } from './chosen-records';
export { displayDataset, displayViews } from './dataset';
export {
  displayChart,
  displayChartOrReason,
  displayChartsByDataset,
  displayFrame,
  displayImages,
  displayTable,
  type FrameLike,
  frameTable,
} from './display';
export { displayMissing, displayPaperTable, paperTableRecords } from './paper-table';
export { type ParameterValue, parseParameter } from './parameters';
export { displayProgress, type ProgressBar } from './progress-bar';
export { checkNotebook, type NotebookResult, type RunNotebookOptions, runNotebook } from './run';
export { displayTensor } from './tensor';
export { displayTraining, type TrainingWatch } from './training-run';
