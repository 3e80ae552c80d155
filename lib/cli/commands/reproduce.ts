import { join, relative } from 'node:path';
import { Command } from 'commander';
import { UserError } from '../../core/errors';
import { figuresFolder } from '../../core/paths';
import { formatTable } from '../../core/table';
import { learningCurves, saveFigure } from '../../figures';
import {
  comparisonTable,
  conclusions,
  type FilledTable,
  findTable,
  loadTable,
  makePlan,
  type PaperTable,
  paperTables,
  planSummary,
  planTableView,
  quickTable,
  seedsTable,
  tableList,
  tableRuns,
  wideTable,
} from '../../paper';
import { type RunRecord, recordId } from '../../results';
import { addMethodOptions, loadMethods } from '../load-methods';
import { addMachineOptions, addSettingOptions, type MachineOptions, seedNumber } from '../options';
import { checkDatasets, estimateHere, runAll } from '../run';
import { addTableOptions, seedsOf, selectionOf, type TableOptions } from '../table-options';
import { terminalCurves } from '../terminal-curves';

interface Given extends MachineOptions, TableOptions {
  seed?: number;
  load?: string[];
  dryRun?: boolean;
  figures?: string;
}

/** `mnn reproduce`: the runs of a comparison that are missing, then its table and figure. */
export function reproduceCommand(): Command {
  const command = new Command('reproduce')
    .description('run what a comparison needs, and show its table and figure')
    .argument(
      '<what>',
      "quick: methods on the built-in dataset, by default MNN, MSF and the untrained network; or one of the paper's tables, see below",
    )
    .option(
      '--methods <names>',
      'all, or some with commas between: see mnn methods (default: mnn,msf,untrained; of a table: all that it has)',
    )
    .option('--figures <folder>', 'of quick: folder for the figure (default: results/figures)')
    .option('--seed <n>', 'one seed of everything random, in place of --seeds', seedNumber)
    .option('--dry-run', 'say what would run and how long it takes, and run nothing')
    .addHelpText(
      'after',
      `
Tables:
${tableList().replace(/^/gm, '  ')}
  table-1 to table-${paperTables.length} are these too, in this order; the numbers of the printed paper are not known.

Runs that have a record already are not run again, unless --restart is given.

Examples:
  mnn reproduce quick
  mnn reproduce quick --seed 1
  mnn reproduce quick --methods all --seeds 1339,1340,1341
  mnn reproduce quick --methods mnn,byol --set topK=5
  mnn reproduce quick --restart --engine wasm --threads 1
  mnn reproduce linear --preset paper --dry-run
  mnn reproduce linear --preset small --datasets cifar10 --methods mnn,msf --seeds 1339,1340
  mnn reproduce linear --preset small --datasets cifar10 --limit 1000 --epochs 5`,
    );
  addTableOptions(command);
  addSettingOptions(command);
  addMethodOptions(command);
  addMachineOptions(command);
  return command.action(async (what: string, given: Given) => {
    loadMethods(given.load);
    const table = findTable(what);
    if (given.figures !== undefined && table !== quickTable) {
      throw new UserError(`--figures is for quick, not for ${what}. Leave it out; see mnn figure --help.`);
    }
    await reproduce(table, given);
  });
}

/** Says what a table still needs and costs; then, but for a dry run, runs that and prints the table. */
async function reproduce(table: PaperTable, given: Given): Promise<void> {
  const selection = selectionOf({ ...given, seeds: seedsOf(given) }, [table]);
  const plan = makePlan(table, selection, given);
  if (!given.dryRun) checkDatasets(plan.missing, given.data);
  const estimates = plan.missing.length > 0 ? await estimateHere(plan.missing, given) : undefined;
  console.error(planSummary(plan, estimates));
  if (given.dryRun) return console.log(formatTable(planTableView(plan, estimates), 'text'));
  if (plan.missing.length > 0) await runAll(plan.missing, { ...given, keepGoing: true });
  const filled = loadTable(table, selection, given.records);
  if (table !== quickTable) return console.log(`\n${formatTable(wideTable(filled), 'text')}`);
  await showComparison(recordsOf(filled), given.figures);
  console.log(nextSteps);
}

/** Each record of a table once, a seed at a time. */
function recordsOf({ cells }: FilledTable): RunRecord[] {
  const byId = new Map(cells.flatMap(({ records }) => records).map((record) => [record.id, record]));
  return tableRuns(cells).flatMap((config) => byId.get(recordId(config)) ?? []);
}

/** The table, the curves where the terminal can show them, what the numbers say, and the figure's files. */
async function showComparison(records: RunRecord[], figures?: string): Promise<void> {
  const severalSeeds = new Set(records.map(({ config }) => config.seed)).size > 1;
  const table = severalSeeds ? seedsTable(records) : comparisonTable(records);
  const parts = [formatTable(table, 'text'), terminalCurves(records), conclusions(records).join('\n')];
  for (const part of parts) if (part) console.log(`\n${part}`);
  await saveCurves(records, figures);
}

/** The learning curves as files, where anything was trained. */
async function saveCurves(records: RunRecord[], folder = figuresFolder): Promise<void> {
  const trained = records.filter(({ curves }) => curves.length > 0);
  if (trained.length === 0) return;
  const files = await saveFigure(learningCurves(trained), join(folder, 'quick-learning-curves'));
  console.log(`\nFigure: ${files.map((file) => relative(process.cwd(), file)).join(', ')}`);
}

const nextSteps = `
What to try next:
  npx mnn pretrain --dataset patterns10 --preset quick --set topK=1     change one thing and compare
  npx mnn reproduce quick --seeds 1,2,3                               mean and deviation over seeds
  npx mnn data fetch cifar10                                          real images
  npx mnn pretrain --dataset cifar10 --preset small                   and a run on them
  npm run notebooks                                                   the TypeScript notebooks, all of them
  npx mnn doctor                                                      a faster engine`;
