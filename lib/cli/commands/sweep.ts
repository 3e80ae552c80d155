import { existsSync, readFileSync } from 'node:fs';
import { Command } from 'commander';
import { UserError } from '../../core/errors';
import { isHere } from '../../core/lock';
import {
  cancelSubmissions,
  loadPlan,
  localSweeps,
  type RunStatus,
  slurmTasks,
  sweepStates,
  sweepStatus,
} from '../../sweep';
import { engineOption, positiveNumber, precisionOption, wholeNumber } from '../options';
import { type SweepOptions, startSweep, withLastOptions } from '../sweep-start';
import { sweepTask, type TaskGiven } from '../sweep-task';

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
    .addOption(engineOption('the fastest that starts'))
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

/**
 * Stops the sweeps of a plan on this machine and takes its tasks from Slurm; runs at work are saved.
 * @returns what it stopped.
 * @throws UserError that says so too, where something is left at work: on another machine, another user's, or on a
 * Slurm that cannot be asked here.
 */
export function cancelSweep(planFile: string): string {
  loadPlan(planFile);
  const stopped: string[] = [];
  const left: string[] = [];
  for (const holder of localSweeps(planFile)) {
    const sweep = `the sweep in process ${holder.pid}`;
    const problem = isHere(holder) ? terminate(holder.pid) : 'give the same command there';
    if (problem) left.push(`${sweep} on ${holder.host}: ${problem}`);
    else stopped.push(sweep);
  }
  try {
    stopped.push(...cancelSubmissions(planFile).map((job) => `Slurm job ${job}`));
  } catch (error) {
    left.push(`what Slurm has of the plan: ${(error as Error).message}`);
  }
  const sentence =
    stopped.length > 0
      ? `Stopping: ${stopped.join(', ')}. Runs at work are saved.`
      : 'Nothing is at work here.';
  if (left.length === 0) return sentence;
  throw new UserError([sentence, ...left.map((what) => `Not stopped: ${what}`)].join('\n'));
}

/** Why a process could not be told to end. */
function terminate(pid: number): string | undefined {
  try {
    process.kill(pid, 'SIGTERM');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    // It has ended by itself.
    if (code !== 'ESRCH') return message;
  }
  return undefined;
}

/** Lines of each state that are shown where not all are asked for. */
const shownLines = 20;

/** How a sweep stands: a sentence, and a line for each run that is at work or did not go well. */
export function statusText(statuses: readonly RunStatus[], all = false): string {
  const counts = sweepStates
    .map((state) => [state, statuses.filter((status) => status.state === state)] as const)
    .filter(([, own]) => own.length > 0);
  const sentence = counts.map(([state, own]) => `${own.length} ${state}`).join(', ');
  const told = counts.filter(([state]) => all || ['running', 'stopped', 'failed'].includes(state));
  const lines = told.flatMap(([, own]) => {
    const shown = all ? own : own.slice(0, shownLines);
    const left = own.length - shown.length;
    return [...shown.map(statusLine), ...(left > 0 ? [`         and ${left} more: --all shows them`] : [])];
  });
  return [`${statuses.length} runs: ${sentence}`, ...lines].join('\n');
}

/** A run of a sweep by its number, its id, or a part of it that no other has. @throws UserError for none or many. */
export function findStatus(statuses: readonly RunStatus[], name: string): RunStatus {
  const exact = statuses.filter(({ id, index }) => id === name || String(index) === name);
  const found = exact.length > 0 ? exact : statuses.filter(({ id }) => id.includes(name));
  if (found.length === 1) return found[0];
  const which = found.length === 0 ? 'No run' : `${found.length} runs`;
  throw new UserError(
    `${which} of the plan: ${name}. Give a number or an id: npx mnn sweep status <plan> --all`,
  );
}

function statusLine({ index, id, state, detail, log }: RunStatus): string {
  const line = `${state.padEnd(8)} ${String(index).padStart(4)} ${id}${detail ? `: ${detail}` : ''}`;
  return state === 'failed' && log ? `${line}\n              ${log}` : line;
}
