import { Command } from 'commander';
import { dataFolder, installDataset, listDatasets, verifyDataset } from '../../data';
import { transferBar } from '../progress';
import { dataShowCommand } from './data-show';

/** `mnn data`: datasets on this machine. */
export function dataCommand(): Command {
  const folder = (command: Command) =>
    command.option('--data <folder>', 'folder with the datasets (default: data, or the variable MNN_DATA)');
  const command = new Command('data').description('fetch, list and verify datasets');
  folder(command.command('fetch'))
    .description('download a dataset, or take it from an archive or folder, verify it and install it')
    .argument('<dataset>', 'for example cifar10')
    .option('--from <path>', 'an archive or an unpacked folder, for a machine without internet')
    .action(async (name: string, { from, data }: { from?: string; data?: string }) => {
      const bar = transferBar();
      const { message } = await installDataset(name, {
        from,
        dataFolder: dataFolder(data),
        onProgress: bar.update,
      }).finally(bar.stop);
      console.log(message);
    });
  folder(command.command('list'))
    .description('the datasets and where they are')
    .action(({ data }: { data?: string }) => {
      for (const { name, title, state, folder: place } of listDatasets(dataFolder(data))) {
        console.log(`${name.padEnd(15)} ${title.padEnd(20)} ${state.padEnd(10)} ${place ?? ''}`);
      }
    });
  folder(command.command('verify'))
    .description('compare an installed dataset with its published checksums')
    .argument('<dataset>')
    .action(async (name: string, { data }: { data?: string }) => {
      const { folder: place, problems, members } = await verifyDataset(name, dataFolder(data));
      for (const problem of problems) console.error(problem);
      if (problems.length > 0) process.exitCode = 1;
      else console.log(`${place}: all ${members} files are as published`);
    });
  command.addCommand(dataShowCommand());
  return command;
}
