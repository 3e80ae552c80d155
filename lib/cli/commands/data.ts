import { Command } from 'commander';
import { UserError, unknownName } from '../../core/errors';
import { dataFolder, datasetNames, sources } from '../../data';
import { installDataset, type Listing, listDatasets, removeDataset, verifyDataset } from '../../data/install';
import { transferBar } from '../progress';
import { dataShowCommand } from './data-show';

interface Place {
  data?: string;
}

/** `mnn data`: datasets on this machine. */
export function dataCommand(): Command {
  const command = new Command('data')
    .description('fetch, list, verify, show and remove datasets')
    .addHelpText(
      'after',
      `
Examples:
  mnn data fetch cifar10                                   download, check, unpack
  mnn data fetch all --data /mnt/datasets                  all four, 3.2 GB to download, in a folder of your own
  mnn data fetch stl10 --from ~/stl10_binary.tar.gz        for a machine without internet
  mnn data list                                            what is there, how large, where
  mnn data verify                                          every file of every dataset against its checksum
  mnn data remove stl10`,
    );
  for (const make of [fetchCommand, listCommand, verifyCommand, removeCommand]) {
    command.addCommand(
      make().option('--data <folder>', 'folder with the datasets (default: data, or the variable MNN_DATA)'),
    );
  }
  command.addCommand(dataShowCommand());
  return command;
}

function fetchCommand(): Command {
  return new Command('fetch')
    .description('download datasets, or take one from an archive or folder, verify and install them')
    .argument('<datasets...>', `${names().join(', ')} or all`)
    .option('--from <path>', 'an archive or an unpacked folder, for a machine without internet')
    .addHelpText(
      'after',
      `
A download that breaks off goes on from where it was, also when the command is run again. Nothing is unpacked before
the archive's checksum is right; the dataset's folder appears when all of its files are. Proxies are taken from
HTTPS_PROXY, HTTP_PROXY and NO_PROXY, as in HTTPS_PROXY=http://proxy:3128.

Examples:
  mnn data fetch cifar10 cifar100
  mnn data fetch all --data /mnt/datasets
  mnn data fetch tiny-imagenet --from ~/Downloads/tiny-imagenet-200.zip
  mnn data fetch cifar10 --from ~/data/cifar-10-batches-py      torchvision's copy, the Python version`,
    )
    .action(async (given: string[], { from, data }: Place & { from?: string }) => {
      checkNames(given, [...datasetNames(), 'all']);
      const chosen = given.includes('all') ? names() : given;
      if (from !== undefined && chosen.length > 1) {
        throw new UserError(
          `--from ${from} is one dataset's; ${chosen.length} are named. Name that one alone.`,
        );
      }
      await forEach(chosen, async (name) => {
        const bar = transferBar();
        const onNotice = (text: string) => {
          bar.stop();
          console.error(text);
        };
        const { message } = await installDataset(name, {
          from,
          dataFolder: dataFolder(data),
          onProgress: bar.update,
          onNotice,
        }).finally(bar.stop);
        console.log(message);
      });
    });
}

function listCommand(): Command {
  return new Command('list')
    .description('the datasets: their state, size and place')
    .action(({ data }: Place) => {
      const listed = listDatasets(dataFolder(data));
      for (const line of aligned(listed.map(listRow))) console.log(line);
      for (const { name, problem } of listed) if (problem) console.error(`${name}: ${problem}`);
    });
}

function verifyCommand(): Command {
  return new Command('verify')
    .description('compare installed datasets with their published checksums')
    .argument('[datasets...]', 'without a name every one that was installed')
    .addHelpText(
      'after',
      `
Ends with 1 where a file is missing or differs.

Examples:
  mnn data verify
  mnn data verify cifar10 --data /mnt/datasets`,
    )
    .action(async (given: string[], { data }: Place) => {
      checkNames(given, datasetNames());
      const place = dataFolder(data);
      const chosen = given.length > 0 ? given : installedNames(place);
      if (chosen.length === 0) console.log(`No dataset is installed in ${place}.`);
      await forEach(chosen, async (name) => {
        const bar = transferBar();
        const { folder, problems, checked } = await verifyDataset(name, place, bar.update).finally(bar.stop);
        for (const problem of problems) console.error(`${folder}: ${problem}`);
        if (problems.length > 0) process.exitCode = 1;
        else console.log(`${folder}: ${checked}`);
      });
    });
}

function removeCommand(): Command {
  return new Command('remove')
    .description('remove a dataset that was installed, and what is left of its downloads')
    .argument('<dataset>', names().join(', '))
    .option('--force', 'its whole folder, also one that this command did not install')
    .addHelpText(
      'after',
      `
Files in the folder that are not the dataset's stay.

Examples:
  mnn data remove cifar10
  mnn data remove stl10 --data /mnt/datasets`,
    )
    .action(async (name: string, { data, force }: Place & { force?: boolean }) => {
      const place = dataFolder(data);
      const { removed, kept } = await removeDataset(name, place, { force });
      for (const path of removed) console.log(`Removed ${path}`);
      for (const path of kept) console.log(`Kept ${path}: no install put it there (--force removes it too)`);
      if (removed.length + kept.length === 0) console.log(`Nothing of ${name} is in ${place}.`);
    });
}

function names(): string[] {
  return sources().map(({ name }) => name);
}

/** Before anything is done: an error after hours of downloading comes late. */
function checkNames(given: string[], known: readonly string[]): void {
  const unknown = given.find((name) => !known.includes(name));
  if (unknown !== undefined) throw unknownName('dataset', unknown, known);
}

function installedNames(place: string): string[] {
  return listDatasets(place)
    .filter(({ state }) => state === 'installed' || state === 'damaged')
    .map(({ name }) => name);
}

/** The datasets do not depend on each other: one that fails does not keep the others waiting. */
async function forEach(chosen: string[], work: (name: string) => Promise<void>): Promise<void> {
  for (const name of chosen) {
    try {
      await work(name);
    } catch (error) {
      if (!(error instanceof UserError) || chosen.length === 1) throw error;
      console.error(error.message);
      process.exitCode = 1;
    }
  }
}

function listRow({ name, title, state, bytes, folder }: Listing): string[] {
  const size = bytes === undefined ? '' : `${(bytes / 1e6).toFixed(1)} MB`;
  return [name, title, state, size, folder ?? ''];
}

function aligned(rows: string[][]): string[] {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]))
      .join('  ')
      .trimEnd(),
  );
}
