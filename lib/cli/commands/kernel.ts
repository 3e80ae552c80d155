import { Command, Option } from 'commander';
import { installedKernels, installKernel, kernelTitle, removeKernel } from '../../notebook/kernel-spec';

interface Place {
  prefix?: string;
  user?: boolean;
}

/** `mnn kernel`: TypeScript notebooks in Jupyter and VS Code. */
export function kernelCommand(): Command {
  const command = new Command('kernel').description('the kernel for Jupyter and VS Code');
  addPlace(command.command('install'))
    .description(`write the kernel spec "${kernelTitle}", which starts this copy of the kit`)
    .addHelpText(
      'after',
      `
The spec needs no Python and names this folder: where the project is moved, install it again.

Examples:
  mnn kernel install
  mnn kernel install --prefix .venv`,
    )
    .action(({ prefix }: Place) => console.log(`${kernelTitle}: ${installKernel(prefix)}`));
  addPlace(command.command('list'))
    .description("the kit's kernel specs, and what they start")
    .action(({ prefix }: Place) => {
      const kernels = installedKernels(prefix);
      if (kernels.length === 0) console.log('The kernel is not installed: npx mnn kernel install');
      for (const { folder, command, missing } of kernels) {
        console.log(`${folder}\n  starts ${command[1]} with ${command[0]}`);
        if (missing.length > 0)
          console.log(`  ${missing.join(' and ')} is gone: install it again, or remove it`);
      }
    });
  addPlace(command.command('remove'))
    .description('remove the kernel spec')
    .action(({ prefix }: Place) => console.log(`Removed: ${removeKernel(prefix)}`));
  command
    .command('start', { hidden: true })
    .description('what the kernel spec runs')
    .argument('<connection-file>', "Jupyter's file with the ports")
    .action(async (file: string) => {
      // tslab and its compiler are large, and no other command needs them.
      const { serveKernel } = await import('../../notebook/kernel-server.js');
      await serveKernel(file);
    });
  return command;
}

function addPlace(command: Command): Command {
  return command
    .addOption(new Option('--user', "in the user's Jupyter folder (the default)").conflicts('prefix'))
    .option('--prefix <folder>', 'in <folder>/share/jupyter, for example a virtual environment');
}
