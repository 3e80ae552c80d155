import { existsSync } from 'node:fs';
import { Command } from 'commander';
import { writeFileAtomic } from '../../core/files';
import { formatTable } from '../../core/table';
import { findings, findingsMarkdown } from '../../paper';
import { defaultRecordsFolder, loadPartialRecords, loadRecords } from '../../results';
import { addMethodOptions, loadMethods } from '../load-methods';

interface Given {
  records: string;
  out?: string;
  load?: string[];
}

/** `mnn findings`: what the records say about the paper, as a page of sentences. */
export function findingsCommand(): Command {
  const command = new Command('findings')
    .description(
      'what agrees with the paper, what differs and what is undecided, in sentences made from the records',
    )
    .option('--records <folder>', 'folder with the records', defaultRecordsFolder())
    .option('--out <file>', 'write the page to a file (default: print it)')
    .addHelpText(
      'after',
      `
The page is Markdown, made from the records alone: the same records give the same page.

Examples:
  mnn findings
  mnn findings --out docs/findings.md`,
    );
  addMethodOptions(command);
  return command.action(({ records, out, load }: Given) => {
    loadMethods(load);
    const found = findings(existsSync(records) ? loadRecords(records) : [], loadPartialRecords(records));
    const page = findingsMarkdown(found, (table) => formatTable(table, 'md'));
    if (out === undefined) process.stdout.write(page);
    else {
      writeFileAtomic(out, page);
      console.log(`Written: ${out}`);
    }
  });
}
