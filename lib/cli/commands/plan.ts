import { Command, InvalidArgumentError } from 'commander';
import { formatTable } from '../../core/table';
import { paperTables, tableList } from '../../paper';
import {
  type CostColumn,
  checkPlanFile,
  costsFrom,
  costTable,
  missingOf,
  namedTables,
  planCostSentence,
  planOf,
  savePlan,
} from '../../sweep';
import { addMethodOptions, loadMethods } from '../load-methods';
import { addSettingOptions, engineOption, type MachineOptions, wholeNumber } from '../options';
import { estimateHere } from '../run';
import { addTableOptions, selectionOf, type TableOptions } from '../table-options';

interface Given
  extends TableOptions,
    Pick<MachineOptions, 'engine' | 'threads' | 'workers' | 'runs' | 'records'> {
  out: string;
  throughput?: number;
  measure?: boolean;
  dryRun?: boolean;
  relative?: boolean;
  load?: string[];
}

/** `mnn plan`: the runs that tables still need, as a file for `mnn sweep`, and what they cost. */
export function planCommand(): Command {
  const command = new Command('plan')
    .description('write down the runs that tables still need, for mnn sweep, or say what they cost')
    .argument('<tables...>', 'all, or some of the tables below')
    .option('--methods <names>', 'all, or some with commas between (default: all that a table has)')
    .option('--out <file>', 'the plan', 'plan.json')
    .option('--relative', 'paths in the plan relative to its folder, so that a repository can hold it')
    .option('--throughput <images/s>', 'costs for a machine that trains so fast; see below', speed)
    .option('--measure', 'measure this machine too, where --throughput is given')
    .option('--dry-run', 'say what it costs by table, and write nothing')
    .addOption(engineOption())
    .option('--threads <n>', 'threads to measure with (default: all cores)', wholeNumber)
    .option('--workers <n>', 'threads that make augmented views', wholeNumber)
    .option('--runs <folder>', 'folder for checkpoints (default: runs)')
    .option('--records <folder>', 'folder for records (default: results/records)')
    .addHelpText(
      'after',
      `
Tables:
${tableList().replace(/^/gm, '  ')}
  table-1 to table-${paperTables.length} are these too, in this order; study is none of the paper's.

Runs that have a record are left out; one that several tables need is there once. Datasets need not be installed.

--throughput is the images of 32 pixels that a training step of MNN deals with in a second, with the preset's network.
Every method counts as equally fast, and an evaluation passes eight times as many.

Examples:
  mnn plan all --preset paper --dry-run --throughput 2500       what the whole paper costs on such a GPU
  mnn plan linear knn --preset paper --out linear.json --throughput 2500
  mnn plan components --preset small --datasets cifar10 --seeds 1339
  mnn plan study --out results/study.json --relative --throughput 600
  mnn sweep plan.json                                           and run it`,
    );
  addTableOptions(command);
  addSettingOptions(command);
  addMethodOptions(command);
  return command.action(async (tables: string[], given: Given) => {
    // Before anything is measured.
    if (!given.dryRun) checkPlanFile(given.out);
    loadMethods(given.load);
    const named = namedTables(tables);
    const selection = selectionOf(given, named);
    const needs = missingOf(named, selection, given);
    const { throughput } = given;
    const configs = needs.missing.map(({ config }) => config);
    const here =
      (throughput === undefined || given.measure) && configs.length > 0
        ? await estimateHere(configs, given)
        : undefined;
    const there = throughput === undefined ? undefined : costsFrom(throughput, configs);
    const columns: CostColumn[] = [
      ...(here ? [{ label: 'hours here', costs: here }] : []),
      ...(there ? [{ label: `GPU-hours at ${throughput} images/s`, costs: there }] : []),
    ];
    console.log(formatTable(costTable(needs, columns), 'text'));
    if (configs.length === 0) return console.log('\nNothing is missing: there is nothing to plan.');
    const costs = there ?? here!;
    console.log(`\n${planCostSentence(needs, costs)}`);
    if (given.dryRun) return;
    savePlan(planOf(needs, selection.preset, costs, throughput ?? null, given), given.out, given);
    console.log(`The plan of ${configs.length} runs is ${given.out}. Run it: npx mnn sweep ${given.out}`);
  });
}

function speed(text: string): number {
  const value = Number(text);
  if (!(value > 0 && Number.isFinite(value)))
    throw new InvalidArgumentError('It has to be a number above 0.');
  return value;
}
