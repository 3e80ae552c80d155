import { existsSync } from 'node:fs';
import type { RunConfig } from '../config/run-config';
import { visibleNames } from '../core/files';
import type { Table } from '../core/table';
import { formatDuration } from '../core/text';
import { datasetName } from '../data';
import { shortfall } from '../presets';
import { type RunRecord, recordId } from '../results';
import { missingRuns, type RunEstimate, runFolder } from '../runs';
import { type PlannedCell, planTable, type TableSelection, tableRuns } from './cells';
import type { PaperTable } from './table';

/** What a table still needs. */
export interface TablePlan {
  table: PaperTable;
  selection: TableSelection;
  cells: PlannedCell[];
  found: RunRecord[];
  missing: RunConfig[];
  /** Of the missing runs, those that go on from a checkpoint. */
  resumable: RunConfig[];
}

export interface PlanFolders {
  records?: string;
  runs?: string;
  /** Run everything again. */
  restart?: boolean;
}

/** The runs of a table: which have a record, which are missing, and which of these have begun. */
export function makePlan(table: PaperTable, selection: TableSelection, folders: PlanFolders): TablePlan {
  const cells = planTable(table, selection);
  const { found, missing } = missingRuns(tableRuns(cells), folders);
  const resumable = folders.restart
    ? []
    : missing.filter((config) => hasCheckpoint(runFolder(config, folders.runs)));
  return { table, selection, cells, found, missing, resumable };
}

/** The plan in a sentence, with the time that all of it will take where that is known. */
export function planSummary(
  { table, selection, found, missing, resumable }: TablePlan,
  estimates?: ReadonlyMap<string, RunEstimate>,
): string {
  const parts = [
    `Table ${table.name}, preset ${selection.preset}: ${runs(found.length + missing.length)}, ` +
      `${found.length} with a record, ${missing.length} to be made.`,
  ];
  const short = found.filter(({ config, dataset }) => shortfall(config, dataset));
  if (short.length > 0) {
    parts.push(
      `${short.length} of the records ${short.length === 1 ? 'was' : 'were'} made on fewer images than the dataset ` +
        `has (${short[0].id}: ${shortfall(short[0].config, short[0].dataset)}): remove such a record, and its run is made again.`,
    );
  }
  if (resumable.length > 0) parts.push(`${resumable.length} of them go on from a checkpoint.`);
  if (estimates && missing.length > 0) parts.push(costSentence(missing, estimates, resumable.length > 0));
  return parts.join(' ');
}

function hasCheckpoint(folder: string): boolean {
  return existsSync(folder) && visibleNames(folder).some((name) => name.endsWith('.safetensors'));
}

/**
 * How long the runs take together, and how that is known.
 * @param begun whether some of it is done already: the estimates are of whole runs.
 */
export function costSentence(
  missing: readonly RunConfig[],
  estimates: ReadonlyMap<string, RunEstimate>,
  resumable = false,
): string {
  const own = missing.map((config) => estimates.get(recordId(config))!);
  const seconds = own.reduce((sum, estimate) => sum + estimate.seconds, 0);
  const count = (basis: RunEstimate['basis']) => own.filter((estimate) => estimate.basis === basis).length;
  const bases = [
    [count('recorded'), 'from records of the same work on this machine'],
    [count('measured'), 'from a few steps measured just now'],
    [count('assumed'), 'from the mean of the methods measured with the same network'],
  ].filter(([number]) => number !== 0);
  return `All of it takes ${resumable ? 'at most ' : ''}about ${formatDuration(seconds)}: ${bases.map(([number, text]) => `${runs(Number(number))} ${text}`).join(', ')}.`;
}

/** The plan line by line. */
export function planTableView(plan: TablePlan, estimates?: ReadonlyMap<string, RunEstimate>): Table {
  const missing = new Set(plan.missing.map(recordId));
  return {
    columns: [
      { key: 'row', label: 'row', align: 'left' },
      { key: 'dataset', label: 'dataset', align: 'left' },
      { key: 'done', label: 'done', align: 'right' },
      { key: 'missing', label: 'to run', align: 'right' },
      ...(estimates
        ? [
            {
              key: 'seconds',
              label: plan.resumable.length > 0 ? 'at most' : 'about',
              align: 'right' as const,
              format: formatDuration,
            },
          ]
        : []),
    ],
    rows: plan.cells.map(({ row, dataset, configs }) => {
      const ids = configs.map(recordId).filter((id) => missing.has(id));
      return {
        row: row.label,
        dataset: datasetName(dataset),
        done: configs.length - ids.length,
        missing: ids.length,
        seconds: ids.length > 0 ? ids.reduce((sum, id) => sum + (estimates?.get(id)?.seconds ?? 0), 0) : null,
      };
    }),
    notes: [],
  };
}

function runs(count: number): string {
  return `${count} ${count === 1 ? 'run' : 'runs'}`;
}
