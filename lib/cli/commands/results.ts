import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { UserError } from '../../core/errors';
import { formatTable, type TableFormat, tableFormats } from '../../core/table';
import {
  comparisonOfRows,
  comparisonTable,
  findTable,
  loadTable,
  longTable,
  sourcesTable,
  tableList,
  wideTable,
} from '../../paper';
import {
  defaultEvaluationsFolder,
  defaultRecordsFolder,
  loadReadableRecords,
  loadRecord,
  type RecordReport,
  validateEvaluations,
  validatePartialRecords,
  validateRecords,
} from '../../results';
import { addMethodOptions, loadMethods } from '../load-methods';
import { addSettingOptions, positiveNumber } from '../options';
import { addTableOptions, selectionOf, type TableOptions } from '../table-options';

interface TableGiven extends TableOptions {
  records: string;
  format: TableFormat;
  cells?: boolean;
  load?: string[];
}

/** Says which records are missing in what was printed, and lets the command fail. */
export function printLeftOut(problems: readonly string[]): void {
  if (problems.length === 0) return;
  console.error(`\nLeft out, since they cannot be read:\n${problems.join('\n')}`);
  process.exitCode = 1;
}

/** `mnn results`: what has been run. */
export function resultsCommand(): Command {
  const folder = (command: Command) =>
    command.option('--records <folder>', 'folder with the records', defaultRecordsFolder());
  const command = new Command('results').description('look at the records of runs');
  addMethodOptions(folder(command.command('list')))
    .description('one line for every record')
    .option('--format <name>', tableFormats.join(', '), 'text')
    .action(({ records, format, load }: { records: string; format: TableFormat; load?: string[] }) => {
      loadMethods(load);
      const none = { records: [], problems: [] };
      const { records: all, problems } = existsSync(records) ? loadReadableRecords(records) : none;
      if (all.length > 0) console.log(formatTable(comparisonTable(all), format));
      else if (problems.length === 0)
        console.log(`No records in ${records} yet. Make some: npx mnn reproduce quick`);
      printLeftOut(problems);
    });
  command
    .command('tables')
    .description("the paper's tables that mnn reproduce runs and mnn results table shows")
    .action(() => console.log(tableList()));
  const table = folder(command.command('table'))
    .description("a table of the paper: what ran, beside the authors' numbers")
    .argument('<name>', 'see mnn results tables')
    .option('--format <name>', tableFormats.join(', '), 'text')
    .option('--cells', 'a line for each cell, with source, difference and tolerance; csv always has them')
    .option('--methods <names>', 'some with commas between (default: all)')
    .addHelpText('after', tableExamples);
  addSettingOptions(addMethodOptions(addTableOptions(table)));
  table.action((name: string, given: TableGiven) => {
    loadMethods(given.load);
    const found = findTable(name);
    const filled = loadTable(found, selectionOf(given, [found]), given.records);
    const layout = given.cells || given.format === 'csv' ? longTable : wideTable;
    console.log(formatTable(layout(filled), given.format));
  });
  const compare = folder(command.command('compare'))
    .description(
      'the rows of a table against one of them, with intervals over the same seeds and test images',
    )
    .argument('<table>', 'see mnn results tables')
    .option('--with <row>', 'the row to compare with: its label or method (default: mnn)')
    .option('--format <name>', tableFormats.join(', '), 'text')
    .option('--methods <names>', 'some with commas between (default: all)')
    .addHelpText('after', compareExamples);
  addSettingOptions(addMethodOptions(addTableOptions(compare)));
  compare.action((name: string, given: TableGiven & { with?: string }) => {
    loadMethods(given.load);
    const found = findTable(name);
    const filled = loadTable(found, selectionOf(given, [found]), given.records);
    console.log(formatTable(comparisonOfRows(filled, given.with), given.format));
  });
  command
    .command('sources')
    .description('what published sources say of the same method, each with its protocol')
    .option('--metric <name>', 'linear-top1 or knn-top1', 'linear-top1')
    .option('--epochs <n>', 'of runs of so many epochs alone (default: all)', positiveNumber)
    .option('--format <name>', tableFormats.join(', '), 'text')
    .addHelpText('after', sourcesExamples)
    .action(({ metric, epochs, format }: { metric: string; epochs?: number; format: TableFormat }) =>
      console.log(formatTable(sourcesTable(metric, epochs), format)),
    );
  folder(command.command('show'))
    .description('a record as JSON')
    .argument('<id>', 'name of the record, or path of its file')
    .option('--config', 'its configuration alone, for mnn pretrain --config')
    .addHelpText(
      'after',
      `
Examples:
  mnn results show mnn-cifar10-small-s1339-0f1e2d3c
  mnn results show mnn-cifar10-small-s1339-0f1e2d3c --config > mine.json`,
    )
    .action((id: string, { records, config }: { records: string; config?: boolean }) => {
      const file = existsSync(id) ? id : join(records, `${id}.json`);
      if (!existsSync(file))
        throw new UserError(`There is no record ${file}. See what there is: npx mnn results list`);
      const record = loadRecord(file);
      console.log(JSON.stringify(config ? record.config : record, null, 2));
    });
  folder(command.command('validate'))
    .description('check every record of a run or an evaluation against its schema; fails if one is wrong')
    .option('--evaluations <folder>', 'folder with the records of evaluations', defaultEvaluationsFolder())
    .action(({ records, evaluations }: { records: string; evaluations: string }) => {
      console.log(verdict(validateRecords(records)));
      const partial = validatePartialRecords(records);
      if (partial.length > 0) console.log(`partial records: ${verdict(partial)}`);
      if (existsSync(evaluations)) console.log(`evaluations: ${verdict(validateEvaluations(evaluations))}`);
    });
  return command;
}

/** How many files are right; says what is wrong with the others, and makes the command fail. */
function verdict(reports: RecordReport[]): string {
  const wrong = reports.filter(({ problem }) => problem !== null);
  for (const { problem } of wrong) console.error(problem);
  if (wrong.length > 0) process.exitCode = 1;
  return `${reports.length - wrong.length} valid, ${wrong.length} not`;
}

const tableExamples = `
Only records of the very same settings count, of one preset at a time.

Examples:
  mnn results table linear --preset paper
  mnn results table linear --preset small --datasets cifar10 --cells
  mnn results table components --format latex > components.tex`;

const sourcesExamples = `
The numbers stand in no table of ours: other protocols give other numbers. The spread says by how much sources of the same
method differ after the 200 epochs of the paper, which a reproduction has to be judged against.

Examples:
  mnn results sources --epochs 200
  mnn results sources --metric knn-top1 --format md`;

const compareExamples = `
Each seed's two networks are compared on the same test images. A row is higher or lower only if the intervals over test
images and over seeds both exclude 0; one seed ranks nothing. Records of before predictions were kept cannot be compared.

Examples:
  mnn results compare linear --preset small --datasets cifar10
  mnn results compare components --preset small --datasets cifar10 --with msf
  mnn results compare linear --preset quick --format md`;
