import { Command } from 'commander';
import { UserError } from '../errors';
import { Interrupted } from '../training/pretrain';
import { dataCommand } from './commands/data';
import { doctorCommand } from './commands/doctor';
import { methodsCommand } from './commands/methods';
import { notebookCommand } from './commands/notebook';
import { pretrainCommand } from './commands/pretrain';
import { reproduceCommand } from './commands/reproduce';
import { resultsCommand } from './commands/results';

const program = new Command('mnn')
  .description('MNN Kit: train, evaluate and compare self-supervised methods as in the MNN paper')
  .addHelpText(
    'after',
    `
Examples:
  mnn reproduce quick                                    train and compare MNN and MSF in a few minutes
  mnn data fetch cifar10                                 get CIFAR-10
  mnn pretrain --dataset cifar10 --preset small          one run on part of CIFAR-10
  mnn results list                                       what has been run
  mnn doctor                                             which engine runs, and how to get a faster one`,
  )
  .showHelpAfterError('(add --help for what is possible)');

for (const command of [
  reproduceCommand(),
  pretrainCommand(),
  resultsCommand(),
  dataCommand(),
  methodsCommand(),
  notebookCommand(),
  doctorCommand(),
]) {
  program.addCommand(command.showHelpAfterError('(add --help for what is possible)'));
}

program.parseAsync().catch((error: unknown) => {
  if (error instanceof Interrupted) {
    console.error(`\n${error.message}`);
    process.exitCode = 130;
  } else if (error instanceof UserError) {
    console.error(`\n${error.message}`);
    process.exitCode = 1;
  } else {
    console.error(error);
    process.exitCode = 2;
  }
});
