import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { UserError } from '../../errors';
import {
  comparisonTable,
  defaultRecordsFolder,
  formatTable,
  loadRecord,
  loadRecords,
  type TableFormat,
  validateRecords,
} from '../../results';

/** `mnn results`: what has been run. */
export function resultsCommand(): Command {
  const folder = (command: Command) =>
    command.option('--records <folder>', 'folder with the records', defaultRecordsFolder());
  const command = new Command('results').description('look at the records of runs');
  folder(command.command('list'))
    .description('one line for every record')
    .option('--format <name>', 'text, md, csv or html', 'text')
    .action(({ records, format }: { records: string; format: TableFormat }) => {
      const all = existsSync(records) ? loadRecords(records) : [];
      if (all.length === 0) console.log(`No records in ${records} yet. Make some: npx mnn reproduce quick`);
      else console.log(formatTable(comparisonTable(all), format));
    });
  folder(command.command('show'))
    .description('a record as JSON')
    .argument('<id>', 'name of the record, or path of its file')
    .action((id: string, { records }: { records: string }) => {
      const file = existsSync(id) ? id : join(records, `${id}.json`);
      if (!existsSync(file))
        throw new UserError(`There is no record ${file}. See what there is: npx mnn results list`);
      console.log(JSON.stringify(loadRecord(file), null, 2));
    });
  folder(command.command('validate'))
    .description('check every record against the schema; fails if one is wrong')
    .action(({ records }: { records: string }) => {
      const reports = validateRecords(records);
      const wrong = reports.filter(({ problem }) => problem !== null);
      for (const { problem } of wrong) console.error(problem);
      console.log(`${reports.length - wrong.length} valid, ${wrong.length} not`);
      if (wrong.length > 0) process.exitCode = 1;
    });
  return command;
}
