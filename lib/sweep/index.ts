export {
  defaultParallel,
  type LocalOptions,
  listGpus,
  localSweeps,
  type RunEnd,
  sweepLocally,
  type TaskUpdate,
  threadsFor,
} from './local';
export {
  type CostColumn,
  costsFrom,
  costTable,
  missingOf,
  namedTables,
  type PlanPlaces,
  planCostSentence,
  planOf,
} from './make-plan';
export {
  checkPlanFile,
  loadPlan,
  type PlannedRun,
  planJsonSchema,
  planSchemaPath,
  type RunCost,
  type SweepPlan,
  savePlan,
  sweepFolder,
  writePlanSchema,
} from './plan';
export {
  cancelSubmissions,
  type QueuedTask,
  requeueThisTask,
  type SubmitOptions,
  slurmLog,
  slurmScripts,
  slurmTasks,
  submitArrays,
} from './slurm';
export { checkTemplate, defaultTemplate, flagOf, type SlurmRequest } from './slurm-script';
export { type StageOptions, stageDataset } from './stage';
export { type RunStatus, type SweepState, sweepStates, sweepStatus } from './state';
export { runAt, runTask, type TaskOptions, type TaskOutcome } from './task';
