import { Command } from 'commander';
import { Interrupted, UserError } from '../../core/errors';
import { checkNotebook, parseParameter, runNotebook } from '../../notebook';
import { wholeNumber } from '../options';
import { abortOnSignals } from '../progress';

/** `mnn notebook`: notebooks without Python. */
export function notebookCommand(): Command {
  const command = new Command('notebook').description('run TypeScript notebooks without Python');
  command
    .command('run')
    .description('execute notebooks from top to bottom and write their outputs back; fails if a cell does')
    .argument('<files...>', 'notebooks')
    .option('--timeout <seconds>', 'longest time for one notebook, 0 for no limit', wholeNumber, 600)
    .option(
      '--set <name=value...>',
      "values for names in the notebook's cell tagged parameters, for example preset=small",
    )
    .option('--output <file>', 'write the run notebook there, and leave the one that is run as it is')
    .addHelpText(
      'after',
      `
Values are text, or JSON where they are: 3, true, null, '["mnn", "msf"]'. They stand in a cell of their own in what is
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
  // What cannot run is told of before hours of work, not after them.
  for (const file of files) checkNotebook(file, { set: values, output });
  const signal = abortOnSignals('stopping the notebook');
  for (const file of files) {
    const run = await runNotebook(file, { timeoutSeconds: timeout, set: values, output, signal });
    const { ok, cellsRun, error, written, stopped } = run;
    console.log(`${ok ? 'passed' : 'FAILED'}  ${file}  ${cellsRun} cells`);
    if (error) console.error(`  cell ${error.cell}: ${error.name}: ${error.message}`);
    if (error?.name === 'TimeoutError') console.error('  --timeout <seconds> gives it longer.');
    if (written !== null && written !== (output ?? file))
      console.error(`  ${output ?? file} was changed while it ran, and is as it was: see ${written}`);
    if (stopped) throw stoppedRun(file, written, signal);
    if (!ok) process.exitCode = 1;
  }
}

function stoppedRun(file: string, written: string | null, signal: AbortSignal): Interrupted {
  const kept =
    written === null
      ? 'Nothing was computed yet, and nothing written.'
      : `What was computed is in ${written}.`;
  return new Interrupted(`${file} was stopped. ${kept}`, { signal });
}
