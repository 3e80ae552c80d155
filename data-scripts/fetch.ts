import { dataCommand } from '../lib/cli/commands/data';
import { UserError } from '../lib/core/errors';

/** What every script of this folder does: `mnn data fetch` of one dataset, with the options that stand behind it. */
export async function runFetch(name: string, options = process.argv.slice(2)): Promise<void> {
  try {
    await dataCommand().parseAsync(['fetch', name, ...options], { from: 'user' });
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    console.error(error.message);
    process.exitCode = error.exitCode;
  }
}
