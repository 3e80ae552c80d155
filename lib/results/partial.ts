import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { UserError } from '../core/errors';
import { visibleNames, writeFileAtomic } from '../core/files';
import { recordId, runRecordSchema } from './record';
import { defaultRecordsFolder, parseJsonFile, type RecordReport, validateFiles } from './store';

export const PARTIAL_VERSION = 1;

const { id, config, scale, scaleReasons, dataset, curves, provenance, timing } = runRecordSchema.shape;

/**
 * What is kept of the first epochs of a run, as many as `curves` has, trained with the schedule of the whole. It is
 * no run record, since nothing in it is the result of the run: no table counts it.
 */
export const partialRecordSchema = z
  .strictObject({
    schemaVersion: z.literal(PARTIAL_VERSION),
    kind: z.literal('partial-run'),
    id,
    /** Of the whole run; `training.epochs` is the length of its schedule. */
    config,
    scale,
    scaleReasons,
    dataset,
    /** `knnTop1` is null after the epochs that were not chosen for an evaluation. */
    curves: curves.min(1),
    provenance,
    timing,
  })
  .refine((record) => record.curves.length < record.config.training.epochs, {
    error: 'expected fewer epochs than the whole run has',
    path: ['curves'],
  });

export type PartialRecord = z.infer<typeof partialRecordSchema>;

/** The folder for partial records that belongs to a folder of records. */
export function partialRecordsFolder(records: string = defaultRecordsFolder()): string {
  return join(records, 'partial');
}

/** Reads one. @throws UserError that names the file and what is wrong with it. */
export function loadPartialRecord(path: string): PartialRecord {
  const parsed = partialRecordSchema.safeParse(parseJsonFile(path));
  if (parsed.success) return parsed.data;
  throw new UserError(`${path} is not a valid partial record:\n${z.prettifyError(parsed.error)}`);
}

/** The partial records that belong to a folder of records, in the order of their files' names; none without a folder. */
export function loadPartialRecords(records?: string): PartialRecord[] {
  const folder = partialRecordsFolder(records);
  if (!existsSync(folder)) return [];
  const names = visibleNames(folder).filter((name) => name.endsWith('.json'));
  return names.sort().map((name) => loadPartialRecord(join(folder, name)));
}

/** Checks every partial record that belongs to a folder of records, each on its own. */
export function validatePartialRecords(records?: string): RecordReport[] {
  const folder = partialRecordsFolder(records);
  if (!existsSync(folder)) return [];
  return validateFiles(folder, loadPartialRecord, (record) => recordId(record.config));
}

/**
 * Writes the record as `partial/<id>.json` in the folder of records, unless the one there has more epochs.
 * @param replace any record of the same run.
 * @returns the file's path, and the number of epochs that are recorded in it now.
 * @throws UserError if the one there is of other images.
 */
export function savePartialRecord(
  record: PartialRecord,
  records?: string,
  { replace = false }: { replace?: boolean } = {},
): { path: string; epochs: number } {
  const path = join(partialRecordsFolder(records), `${record.id}.json`);
  if (!replace && existsSync(path)) {
    const there = loadPartialRecord(path);
    refuseOther(there, record, path);
    if (there.curves.length > record.curves.length) return { path, epochs: there.curves.length };
  }
  writeFileAtomic(path, `${JSON.stringify(partialRecordSchema.parse(record), null, 2)}\n`);
  return { path, epochs: record.curves.length };
}

function refuseOther(there: PartialRecord, record: PartialRecord, path: string): void {
  if (there.dataset.checksum === record.dataset.checksum) return;
  throw new UserError(
    `${path} is of the same settings on other images, of checksum ${there.dataset.checksum.slice(0, 12)}, not ` +
      `${record.dataset.checksum.slice(0, 12)}. Keep both with another folder of records, or restart the run to replace it.`,
  );
}
