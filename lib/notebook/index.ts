export { displayChart, displayFrame, displayTable, type FrameLike, frameTable } from './display';
export { type ParameterValue, parseParameter } from './parameters';
export { type NotebookResult, type RunNotebookOptions, runNotebook } from './run';
