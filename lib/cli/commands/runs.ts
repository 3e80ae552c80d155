import { Command } from 'commander';
import { UserError } from '../../core/errors';
import { RunLockedError } from '../../core/lock';
import { formatTable, type TableFormat, tableFormats } from '../../core/table';
import { comparisonTable } from '../../paper';
import { recordId } from '../../results';
import { findRun, listRuns, pruneRun, type RunPlaces, storedRunsTable } from '../../runs';
import { addMethodOptions, loadMethods } from '../load-methods';
import { addMachineOptions, type MachineOptions } from '../options';
import { runAll } from '../run';

interface PruneOptions extends RunPlaces {
  dryRun?: boolean;
  keepLast?: boolean;
}

/** `mnn runs`: runs and their checkpoints. */
export function runsCommand(): Command {
  const places = (command: Command) =>
    command
      .option('--runs <folder>', 'folder for checkpoints (default: runs)')
      .option('--records <folder>', 'folder for records (default: results/records)');
  const command = new Command('runs').description(
    'runs and their checkpoints: what there is, go on, tidy up',
  );
  places(command.command('list'))
    .description('one line for every run that has checkpoints')
    .option('--format <name>', tableFormats.join(', '), 'text')
    .action(({ format, ...given }: RunPlaces & { format: TableFormat }) => {
      const runs = listRuns(given);
      if (runs.length === 0) console.log('No runs with checkpoints yet. Make some: npx mnn pretrain');
      else console.log(formatTable(storedRunsTable(runs), format));
    });
  const resume = command
    .command('resume')
    .description('go on with a run from its checkpoint, with the settings that stand in it')
    .argument('<id>', 'see mnn runs list');
  addMachineOptions(addMethodOptions(resume))
    .addHelpText(
      'after',
      `
Where the dataset lies stands in no checkpoint: name its folder with --data, as for the run itself.

Examples:
  mnn runs resume mnn-cifar10-small-s1339-0a1b2c3d --data ~/datasets
  mnn runs resume mnn-cifar10-small-s1339-0a1b2c3d --engine wasm`,
    )
    .action(async (id: string, given: MachineOptions & { load?: string[] }) => {
      loadMethods(given.load);
      console.log(`\n${formatTable(comparisonTable(await resumeRun(id, given)), 'text')}`);
    });
  places(command.command('prune'))
    .description('remove the checkpoints of finished runs; their records stay')
    .argument('[ids...]', 'some runs (default: all that are finished)')
    .option('--keep-last', 'keep the newest of each: figures of its network are drawn from it')
    .option('--dry-run', 'only say what would go')
    .addHelpText(
      'after',
      `
A run that is being worked on, is not over or has no record yet keeps what it has.

Examples:
  mnn runs prune --dry-run
  mnn runs prune --keep-last`,
    )
    .action(prune);
  return command;
}

function resumeRun(id: string, given: MachineOptions): ReturnType<typeof runAll> {
  const { header, state, folder, problem } = findRun(id, given);
  if (state === 'finished' && !given.restart)
    throw new UserError(
      `${id} is finished: see it with npx mnn results show ${id}, or run it anew with --restart.`,
    );
  if (problem) throw new UserError(problem);
  if (!header)
    throw new UserError(
      `No checkpoint in ${folder} can be read (${state}): start the run anew with mnn pretrain.`,
    );
  if (recordId(header.config) !== id)
    throw new UserError(
      `${folder} holds a checkpoint of ${recordId(header.config)}: give the folder that name.`,
    );
  return runAll([header.config], given);
}

function prune(ids: string[], given: PruneOptions): void {
  const chosen = ids.length > 0 ? ids.map((id) => findRun(id, given)) : listRuns(given);
  let freed = 0;
  for (const run of chosen) {
    if (run.state !== 'finished') {
      console.log(`kept     ${run.id}: ${run.problem ?? `it is ${run.state}`}`);
      continue;
    }
    try {
      const bytes = given.dryRun ? run.bytes : pruneRun(run, given);
      freed += bytes;
      console.log(`${given.dryRun ? 'would go' : 'removed '} ${run.id}: ${megabytes(bytes)}`);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      const reason = error instanceof RunLockedError ? 'it is running' : error.message;
      console.log(`kept     ${run.id}: ${reason}`);
    }
  }
  console.log(`${given.dryRun ? 'Would free at most' : 'Freed'} ${megabytes(freed)}.`);
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
