import { Command } from 'commander';
import { runNotebook } from '../../notebook';
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
      "values for names in the notebook's first cell, for example preset=small",
    )
    .addHelpText('after', '\nExample:\n  mnn notebook run notebooks/00-quickstart.ipynb --set epochs=2')
    .action(async (files: string[], { timeout, set = [] }: { timeout: number; set?: string[] }) => {
      const values = Object.fromEntries(
        set.map((text) => [text.split('=')[0], text.split('=').slice(1).join('=')]),
      );
      for (const file of files) {
        const { ok, cellsRun, error } = await runNotebook(file, { timeoutSeconds: timeout, set: values });
        console.log(`${ok ? 'passed' : 'FAILED'}  ${file}  ${cellsRun} cells`);
        if (error) console.error(`  cell ${error.cell}: ${error.name}: ${error.message}`);
        if (!ok) process.exitCode = 1;
      }
    });
  return command;
}
