export { type CostColumn, costSentence, costsFrom, costTable } from './cost';
export { missingOf, namedTables, type PlanPlaces, planOf } from './make-plan';
export {
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
