import { type Command, InvalidArgumentError } from 'commander';
import { UserError } from '../core/errors';
import { distinct } from '../core/statistics';
import { canonicalName } from '../data';
import type { PaperTable, TableSelection } from '../paper';
import { namesOf, type SettingOptions, settingsOf } from './options';

/** Options that choose the runs of a table; `--methods` and the settings are the caller's, who may have them. */
export function addTableOptions(command: Command): Command {
  return command
    .option('--preset <name>', 'quick, small or paper (default: small, of table quick: quick)')
    .option('--datasets <names>', "some with commas between (default: the table's own)")
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

/** The runs of tables that the command line asks for. */
export function selectionOf(given: TableOptions, tables: readonly PaperTable[] = []): TableSelection {
  const [own, ...others] = distinct(tables.map((table) => table.preset ?? 'small'));
  if (others.length > 0 && given.preset === undefined) {
    throw new UserError(`These tables have different presets: name one with --preset.`);
  }
  const { preset = own ?? 'small', datasets, methods, seeds } = given;
  return {
    preset,
    datasets: datasets === undefined ? undefined : namesOf('--datasets', datasets).map(canonicalName),
    methods: methods === undefined ? undefined : namesOf('--methods', methods),
    seeds,
    ...settingsOf(given),
  };
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
