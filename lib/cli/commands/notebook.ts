import { Command } from 'commander';
import { UserError } from '../../core/errors';
import { parseParameter, runNotebook } from '../../notebook';
import { wholeNumber } from '../options';

/** `mnn notebook`: notebooks without Python. */
export function notebookCommand(): Command {
  const command = new Command('notebook').description('run TypeScript notebooks without Python');
  command
    .command('run')
    .description('execute notebooks from top to bottom and write their outputs back; fails if a cell does')
    .argument('<files...>', 'notebooks')
    .option('--timeout <seconds>', 'longest time for one notebook', wholeNumber, 600)
    .option(
      '--set <name=value...>',
      "values for names in the notebook's cell tagged parameters, for example preset=small",
    )
    .option('--output <file>', 'write the run notebook there, and leave the one that is run as it is')
    .addHelpText(
      'after',
      `
Values are text, or JSON where they are: 3, true, '["mnn", "msf"]'. They stand in a cell of their own in what is
written; running without --set takes it away again.

Examples:
  mnn notebook run notebooks/00-quickstart.ipynb
  mnn notebook run notebooks/00-quickstart.ipynb --set epochs=2 'methods=["mnn"]' --output /tmp/short.ipynb`,
    )
    .action(run);
  return command;
}

interface RunFlags {
  timeout: number;
  set?: string[];
  output?: string;
}

async function run(files: string[], { timeout, set = [], output }: RunFlags): Promise<void> {
  if (output !== undefined && files.length > 1)
    throw new UserError('--output names one file: run one notebook at a time with it.');
  const values = Object.fromEntries(set.map(parseParameter));
  for (const file of files) {
    const { ok, cellsRun, error } = await runNotebook(file, { timeoutSeconds: timeout, set: values, output });
    console.log(`${ok ? 'passed' : 'FAILED'}  ${file}  ${cellsRun} cells`);
    if (error) console.error(`  cell ${error.cell}: ${error.name}: ${error.message}`);
    if (!ok) process.exitCode = 1;
  }
}
