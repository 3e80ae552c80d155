import { UserError } from '../core/errors';
import { formatTable } from '../core/table';
import { dataFolder } from '../data';
import { listDatasets } from '../data/install';
import {
  findTable,
  loadTable,
  makePlan,
  planSummary,
  planTableView,
  type TablePlan,
  wideTable,
} from '../paper';
import type { MachineOptions } from './options';
import { estimateHere, runAll } from './run';
import { seedsOf, selectionOf, type TableOptions } from './table-options';

/** Says what a table of the paper still needs and costs; then, but for a dry run, runs that and prints the table. */
export async function reproduceTable(
  name: string,
  given: TableOptions & MachineOptions & { seed?: number; dryRun?: boolean },
): Promise<void> {
  const table = findTable(name, ['quick']);
  const selection = selectionOf({ ...given, seeds: seedsOf(given) });
  const plan = makePlan(table, selection, given);
  if (!given.dryRun) checkDatasets(plan, given.data);
  const estimates = plan.missing.length > 0 ? await estimateHere(plan.missing, given) : undefined;
  console.error(planSummary(plan, estimates));
  if (given.dryRun) return console.log(formatTable(planTableView(plan, estimates), 'text'));
  if (plan.missing.length > 0) await runAll(plan.missing, { ...given, keepGoing: true });
  console.log(`\n${formatTable(wideTable(loadTable(table, selection, given.records)), 'text')}`);
}

/** Finds out now, not after hours of training. */
export function checkDatasets({ missing }: Pick<TablePlan, 'missing'>, data?: string): void {
  const there = listDatasets(dataFolder(data)).filter(({ state }) => state !== 'missing');
  const names = [...new Set(missing.map(({ dataset }) => dataset))];
  const absent = names.filter((name) => !there.some((listing) => listing.name === name));
  if (absent.length > 0) {
    throw new UserError(
      `Not in ${dataFolder(data)}: ${absent.join(', ')}. Get them with \`npx mnn data fetch <name>\`, name their ` +
        'folder with --data, or leave them out with --datasets.',
    );
  }
}
