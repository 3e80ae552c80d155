import { Command } from 'commander';
import { Interrupted, UserError } from '../core/errors';
import { refusedBySystem } from '../core/files';
import { withHome } from '../core/paths';
import { kitVersion } from '../results';
import { endWithPipe } from './broken-pipe';

import { dataCommand } from './commands/data';
import { doctorCommand } from './commands/doctor';
import { engineCommand } from './commands/engine';
import { evaluateCommand } from './commands/evaluate';
import { exportCommand } from './commands/export';
import { figureCommand } from './commands/figure';
import { findingsCommand } from './commands/findings';
import { importCommand } from './commands/import';
import { kernelCommand } from './commands/kernel';
import { methodsCommand } from './commands/methods';
import { notebookCommand } from './commands/notebook';
import { planCommand } from './commands/plan';
import { pretrainCommand } from './commands/pretrain';
import { reportCommand } from './commands/report';
import { reproduceCommand } from './commands/reproduce';
import { resultsCommand } from './commands/results';
import { runsCommand } from './commands/runs';
import { sweepCommand } from './commands/sweep';
import { outlivesTerminal } from './hangup';

const program = new Command('mnn')
  .version(kitVersion(), '-V, --version', 'print the version of the kit')
  .description('MNN Kit: train, evaluate and compare self-supervised methods as in the MNN paper')
  .addHelpText(
    'after',
    `
Examples:
  mnn reproduce quick                                    train and compare MNN and MSF in a few minutes
  mnn data fetch cifar10                                 get CIFAR-10
  mnn data show cifar10                                  its images, and views of one of them
  mnn pretrain --dataset cifar10 --preset small          one run on part of CIFAR-10
  mnn import mnn-cifar10.pth                             a network trained with PyTorch, to evaluate
  mnn runs list                                          checkpoints: what can go on, what can go
  mnn plan all --preset paper --dry-run                  what the whole paper costs
  mnn sweep plan.json --executor slurm                   many runs at once, here or on a cluster
  mnn results list                                       what has been run
  mnn figure list                                        the figures, drawn from records
  mnn findings                                           what agrees with the paper, what differs, what is undecided
  mnn report --open                                      all of it as one page: tables, figures, provenance
  mnn kernel install                                     TypeScript notebooks in Jupyter and VS Code
  mnn engine install                                     native TensorFlow, the fastest engine without a GPU
  mnn doctor                                             which engine runs, and how to get a faster one`,
  )
  .showHelpAfterError('(add --help for what is possible)');

for (const command of [
  reproduceCommand(),
  pretrainCommand(),
  evaluateCommand(),
  importCommand(),
  exportCommand(),
  planCommand(),
  sweepCommand(),
  runsCommand(),
  resultsCommand(),
  figureCommand(),
  findingsCommand(),
  reportCommand(),
  dataCommand(),
  methodsCommand(),
  notebookCommand(),
  kernelCommand(),
  engineCommand(),
  doctorCommand(),
]) {
  program.addCommand(command.showHelpAfterError('(add --help for what is possible)'));
}

endWithPipe();
if (outlivesTerminal()) process.on('SIGHUP', () => {});

program.parseAsync(process.argv.map(withHome)).catch((thrown: unknown) => {
  const error = refusedBySystem(thrown) ?? thrown;
  if (error instanceof Interrupted || error instanceof UserError) {
    // Names out of files can hold what a terminal would obey.
    console.error(`\n${error.message.replace(/[^\P{Cc}\n\t]/gu, '?')}`);
    process.exitCode = error.exitCode;
  } else {
    console.error(error);
    process.exitCode = 2;
  }
});
