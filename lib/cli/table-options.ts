import { type Command, InvalidArgumentError } from 'commander';
import { UserError } from '../core/errors';
import type { TableSelection } from '../paper';
import { namesOf, type SettingOptions, settingsOf } from './options';

/** Options that choose the runs of a table; `--methods` and the settings are the caller's, who may have them. */
export function addTableOptions(command: Command): Command {
  return command
    .option('--preset <name>', 'of a table: quick, small or paper (default: small)')
    .option('--datasets <names>', "of a table: some with commas between (default: the table's own)")
    .option(
      '--seeds <numbers>',
      "some with commas between (default: the paper's three, 1339,1340,1341)",
      seeds,
    );
}

/** What `addTableOptions`, `--methods` and `addSettingOptions` yield. */
export interface TableOptions extends SettingOptions {
  preset?: string;
  datasets?: string;
  methods?: string;
  seeds?: number[];
}

/** The runs of a table that the command line asks for. */
export function selectionOf(given: TableOptions): TableSelection {
  const { preset = 'small', datasets, methods, seeds } = given;
  return {
    preset,
    datasets: datasets === undefined ? undefined : namesOf('--datasets', datasets),
    methods: methods === undefined ? undefined : namesOf('--methods', methods),
    seeds,
    ...settingsOf(given),
  };
}

/** @throws UserError where options are given that only a table has. */
export function refuseTableOptions(what: string, given: Partial<TableOptions> & { dryRun?: boolean }): void {
  const { preset, datasets, dryRun } = given;
  const flags = { '--preset': preset, '--datasets': datasets, '--dry-run': dryRun };
  for (const [flag, value] of Object.entries(flags)) {
    if (value !== undefined)
      throw new UserError(`${flag} is for the paper's tables, not for ${what}. Leave it out.`);
  }
}

/** The seeds that the command line asks for; undefined for the default. @throws UserError if it does so twice. */
export function seedsOf({ seed, seeds }: { seed?: number; seeds?: number[] }): number[] | undefined {
  if (seed !== undefined && seeds !== undefined)
    throw new UserError('--seed and --seeds conflict: give one of them.');
  return seed === undefined ? seeds : [seed];
}

function seeds(text: string): number[] {
  const written = text.split(',');
  const numbers = written.map(Number);
  if (written.some((part) => part.trim() === '') || !numbers.every(Number.isInteger))
    throw new InvalidArgumentError('It has to be whole numbers with commas between.');
  return numbers;
}
