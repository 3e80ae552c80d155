import { unknownName } from '../core/errors';
import { ablationTables, plugInTable } from './ablation-tables';
import { comparisonTables, quickTable } from './comparison-tables';
import { studyTable } from './study';
import type { PaperTable } from './table';

const [linear, knn, purity, cost] = comparisonTables;

/**
 * The tables of the paper, as far as its code and abstract tell which there are. The printed tables' numbers
 * are not known: `table-1` and so on count this list.
 */
export const paperTables: readonly PaperTable[] = [linear, knn, ...ablationTables, plugInTable, purity, cost];

const allTables: readonly PaperTable[] = [...paperTables, studyTable, quickTable];

/**
 * A table by its name (`linear`, also `table-linear`; `quick`) or its place in the paper's (`table-1`).
 * @param others what else the name could have been, for the error.
 * @throws UserError that lists the tables.
 */
export function findTable(name: string, others: readonly string[] = []): PaperTable {
  const short = name.replace(/^table-/, '');
  const numbered = short === name ? undefined : paperTables[Number(short) - 1];
  const table = numbered ?? allTables.find((candidate) => candidate.name === short);
  const known = allTables.map((candidate) => candidate.name);
  if (!table) throw unknownName('table', name, [...others, ...known]);
  return table;
}

/** The tables of the paper and that of the study, a line each. */
export function tableList(): string {
  const tables = [...paperTables, studyTable];
  const width = Math.max(...tables.map(({ name }) => name.length));
  return tables.map(({ name, title, summary }) => `${name.padEnd(width)}  ${title}: ${summary}`).join('\n');
}
