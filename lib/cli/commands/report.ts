import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { Command } from 'commander';
import { UserError, unknownName } from '../../core/errors';
import { writeFileAtomic } from '../../core/files';
import { kitRoot, reportFolder } from '../../core/paths';
import { presetNames } from '../../presets';
import { reportPage, reportTitle } from '../../report';
import {
  defaultRecordsFolder,
  gitState,
  loadPartialRecords,
  loadReadableRecords,
  type PartialRecord,
} from '../../results';
import { addMethodOptions, loadMethods } from '../load-methods';
import { checkFolderName, namesOf } from '../options';
import { printLeftOut } from './results';

interface Given {
  records: string;
  out: string;
  preset?: string[];
  open?: boolean;
  load?: string[];
}

/** `mnn report`: everything that ran as one page. */
export function reportCommand(): Command {
  const command = new Command('report')
    .description(
      "write a page with the paper's tables beside ours, figures, and every run with its provenance",
    )
    .option('--records <folder>', 'folder with the records', defaultRecordsFolder())
    .option('--out <folder>', 'folder for the page', reportFolder)
    .option(
      '--preset <names>',
      'some with commas between (default: all that have records, and paper)',
      presets,
    )
    .option('--open', 'show it in the browser')
    .addHelpText(
      'after',
      `
The page is one file that needs no network.

Examples:
  mnn report --open
  mnn report --preset small,paper --out ~/mnn-report`,
    );
  addMethodOptions(command);
  return command.action(async ({ records: folder, out, preset, open, load }: Given) => {
    checkFolderName('--out', out, 'The page is written to a folder, as index.html with its figures');
    const file = join(out, 'index.html');
    refuseOtherPage(file);
    loadMethods(load);
    // Before the first run there is no folder; the published numbers can be shown all the same.
    const untouched = folder === defaultRecordsFolder() && !existsSync(folder);
    const { records, problems } = untouched ? { records: [], problems: [] } : loadReadableRecords(folder);
    const partial = untouched ? [] : readablePartial(folder, problems);
    const page = await reportPage(records, { presets: preset, partial, kit: kit(), leftOut: problems });
    writeFileAtomic(file, page);
    console.log(`${relative(process.cwd(), file)} (${(Buffer.byteLength(page) / 1e6).toFixed(1)} MB)`);
    if (open) openInBrowser(file);
    printLeftOut(problems);
  });
}

function readablePartial(folder: string, problems: string[]): PartialRecord[] {
  try {
    return loadPartialRecords(folder);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    problems.push(error.message);
    return [];
  }
}

/** @throws UserError if a page is there that is no report, and would be lost. */
function refuseOtherPage(file: string): void {
  if (!existsSync(file) || readFileSync(file, 'utf8').includes(`<title>${reportTitle}</title>`)) return;
  throw new UserError(`${file} is another page, not a report of the kit. Name another folder with --out.`);
}

function presets(text: string): string[] {
  const names = namesOf('--preset', text);
  const unknown = names.find((name) => !(presetNames as readonly string[]).includes(name));
  if (unknown !== undefined) throw unknownName('preset', unknown, presetNames);
  return names;
}

function kit(): string {
  const { commit, dirty } = gitState(kitRoot);
  return commit === null
    ? ''
    : `Written by the kit at commit ${commit.slice(0, 12)}${dirty ? ', with changes' : ''}.`;
}

function openInBrowser(file: string): void {
  const programs: Partial<Record<NodeJS.Platform, string[]>> = {
    darwin: ['open'],
    win32: ['cmd', '/c', 'start', ''],
  };
  const [program, ...args] = programs[process.platform] ?? ['xdg-open'];
  const browser = spawn(program, [...args, file], { detached: true, stdio: 'ignore' });
  browser.on('error', () => console.error(`No browser could be started: open ${file} yourself.`));
  browser.unref();
}
