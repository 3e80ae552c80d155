import { existsSync } from 'node:fs';
import { escapeHtml } from '../core/text';
import { sources } from '../data';
import {
  findTable,
  loadTable,
  makePlan,
  planSummary,
  reproduceCommand,
  type TableSelection,
  wideTable,
} from '../paper';
import type { RunRecord } from '../results';
import { loadRecords, selectRecords } from '../results';
import { displayTable } from './display';
import { show } from './show';

/** Shows a table of the paper as far as there are records. */
export function displayPaperTable(name: string, choice: NotebookChoice): void {
  displayTable(wideTable(loadTable(findTable(name), selectionOf(choice), choice.records)));
}

/** The records that a table of the paper is filled with, for figures. */
export function paperTableRecords(name: string, choice: NotebookChoice): RunRecord[] {
  return makePlan(findTable(name), selectionOf(choice), choice).found;
}

/** Shows how many runs of a table have no record yet, and the commands that make them. */
export function displayMissing(name: string, choice: NotebookChoice): void {
  const selection = selectionOf(choice);
  // Checkpoints are this machine's: a saved notebook does not tell of them.
  const plan = { ...makePlan(findTable(name), selection, choice), resumable: [] };
  const command = reproduceCommand(name, selection);
  const datasets = [...new Set(plan.missing.map(({ dataset }) => dataset))];
  const commands = [
    ...sources()
      .filter(({ name }) => datasets.includes(name))
      .map(({ name: dataset }) => `npx mnn data fetch ${dataset}`),
    `${command} --dry-run   # how long it takes`,
    command,
  ];
  const summary = planSummary(plan);
  const lines = plan.missing.length > 0 ? commands : [];
  show({
    'text/html': `<p>${escapeHtml(summary)}</p><pre>${escapeHtml(lines.join('\n'))}</pre>`,
    'text/plain': [summary, ...lines].join('\n'),
  });
}

function selectionOf({ preset, datasets, methods, seeds }: NotebookChoice): TableSelection {
  return {
    preset,
    datasets: unlessEmpty(datasets),
    methods: unlessEmpty(methods),
    seeds: unlessEmpty(seeds),
  };
}

function unlessEmpty<T>(list: readonly T[]): readonly T[] | undefined {
  return list.length > 0 ? list : undefined;
}

/** The parameters that notebooks of tables and figures share; an empty list stands for no choice. */
export interface NotebookChoice {
  preset: string;
  datasets: readonly string[];
  methods: readonly string[];
  seeds: readonly number[];
  /** Folder with the records. */
  records: string;
}

/** The records that a notebook's parameters choose; none where there is no folder yet. */
export function chosenRecords({ preset, records, ...lists }: NotebookChoice): RunRecord[] {
  return existsSync(records) ? selectRecords(loadRecords(records), { ...lists, presets: [preset] }) : [];
}
