import { Command } from 'commander';
import { dataFolder, installDataset, sourceOf } from '../lib/data';
import { UserError } from '../lib/errors';

/** What every script of this folder does: read the arguments, install one dataset, say what happened. */
export async function runInstall(name: string): Promise<void> {
  const { title, archive } = sourceOf(name);
  const { from, data } = new Command()
    .description(`Fetches ${title}, checks every file and puts it into the data folder.`)
    .option('--from <archive or folder>', `use this ${archive.file} or unpacked folder, do not download`)
    .option('--data <folder>', 'data folder (default: MNN_DATA, else data in the project)')
    .parse()
    .opts<{ from?: string; data?: string }>();
  try {
    const installed = await installDataset(name, {
      from,
      dataFolder: dataFolder(data),
      onProgress: progressLine(),
    });
    console.log(installed.message);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}

/** Progress in tenths, for a terminal or a log file. */
function progressLine(): (done: number, total: number) => void {
  let tenths = 0;
  return (done, total) => {
    const now = Math.floor((10 * done) / total);
    if (now > tenths) console.error(`${now * 10}% of ${Math.round(total / 1e6)} MB`);
    tenths = now;
  };
}
