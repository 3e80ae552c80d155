import { existsSync, readFileSync } from 'node:fs';
import { Command } from 'commander';
import { UserError } from '../../core/errors';
import { loadPlan, type RunStatus, slurmTasks, sweepStatus } from '../../sweep';
import { positiveNumber, precisionOption, wholeNumber } from '../options';
import { cancelSweep } from '../sweep-cancel';
import { type SweepOptions, startSweep, withLastOptions } from '../sweep-start';
import { sweepTask, type TaskGiven } from '../sweep-task';
import { findStatus, statusText } from '../sweep-view';

/** `mnn sweep`: the runs of a plan, on this machine or on Slurm. */
export function sweepCommand(): Command {
  const command = new Command('sweep')
    .description('run a plan of mnn plan, here or on Slurm; say how it stands, cancel it, try again')
    .addHelpText('after', examples);
  addSweepOptions(command.command('start', { isDefault: true }))
    .description('run what has no record yet; the word start can be left out')
    .argument('<plan>')
    .action((plan: string, given: SweepOptions) =>
      startSweep(
        plan,
        given.executor === 'slurm'
          ? ['waiting', 'stopped', 'failed']
          : ['waiting', 'stopped', 'failed', 'queued', 'running'],
        given,
      ),
    );
  command
    .command('status')
    .description('how many runs are done, at work, queued; which failed, why, and where their output is')
    .argument('<plan>')
    .option('--all', 'a line for every run')
    .action((plan: string, { all }: { all?: boolean }) => console.log(statusText(statusOf(plan), all)));
  command
    .command('cancel')
    .description('stop a sweep on this machine and take its tasks from Slurm; runs at work are saved')
    .argument('<plan>')
    .action((plan: string) => console.log(cancelSweep(plan)));
  addSweepOptions(command.command('retry'))
    .description('run again what failed, with the options of the last sweep unless others are given')
    .argument('<plan>')
    .action((plan: string, given: SweepOptions) =>
      startSweep(plan, ['failed'], withLastOptions(plan, given)),
    );
  command
    .command('logs')
    .description('the end of what a run has put out')
    .argument('<plan>')
    .argument('<run>', 'its number, its id, or a part of the id that no other has')
    .option('--lines <n>', 'as many lines', wholeNumber, 40)
    .action((plan: string, run: string, { lines }: { lines: number }) => {
      const { id, log } = findStatus(statusOf(plan), run);
      if (!log || !existsSync(log)) throw new UserError(`${id} has no output yet that is kept in a file.`);
      const all = readFileSync(log, 'utf8').trimEnd().split('\n');
      const end = all.slice(Math.max(0, all.length - lines));
      if (end.length > 0) console.log(end.join('\n'));
    });
  addTaskOptions(command.command('task'))
    .description("one run of a plan by its number: what every executor's tasks do")
    .argument('<plan>')
    .argument('<number>', 'its place in the plan, from 0', wholeNumber)
    .option('--log <file>', 'where the output goes, for mnn sweep logs')
    .action((plan: string, number: number, given: TaskGiven) => sweepTask(plan, number, given));
  return command;
}

function addSweepOptions(command: Command): Command {
  return addTaskOptions(command)
    .option('--executor <name>', 'local or slurm (default: local)')
    .option(
      '--max-parallel <n>',
      'runs at once (default: local, as many as there are GPUs, or cores with 4 GiB of memory each; slurm, no limit)',
      positiveNumber,
    )
    .option('--partition <name>', "slurm: as sbatch's, like the following")
    .option('--gres <list>', 'slurm: for example gpu:1')
    .option('--time <limit>', 'slurm: a task saves and queues again before its limit')
    .option('--account <name>', 'slurm')
    .option('--qos <name>', 'slurm')
    .option('--cpus-per-task <n>', 'slurm')
    .option('--mem <size>', 'slurm')
    .option('--template <file>', 'slurm: a batch script of your own, see docs/cluster.md')
    .option('--hold', 'slurm: submit held; scontrol release lets the job go')
    .option('--dry-run', 'show the runs, or the batch scripts, and start nothing');
}

function addTaskOptions(command: Command): Command {
  return command
    .option('--engine <name>', 'native, wasm or cpu (default: the fastest that starts)')
    .option('--threads <n>', 'threads of each run (default: its share of the cores)', positiveNumber)
    .addOption(precisionOption())
    .option('--workers <n>', 'threads of each run that make augmented views', wholeNumber)
    .option('--data <folder>', 'folder with the datasets (default: data)')
    .option(
      '--scratch <folder>',
      "copy the dataset to this folder on the node's own disk first, and check it",
    );
}

function statusOf(planFile: string): RunStatus[] {
  return sweepStatus(planFile, loadPlan(planFile), slurmTasks(planFile));
}

const examples = `
A run that has a record, or that another process is at work on, is never begun a second time: several sweeps, on several
machines with the same folders, may work on one plan. A sweep that was stopped goes on when it is started again.

Examples:
  mnn plan linear --preset small --datasets cifar10 --out linear.json
  mnn sweep linear.json                                       on this machine
  mnn sweep linear.json --executor slurm --partition gpu --gres gpu:1 --time 04:00:00 --max-parallel 16
  mnn sweep status linear.json
  mnn sweep logs linear.json 12
  mnn sweep retry linear.json
  mnn sweep start --help                                      all options`;
