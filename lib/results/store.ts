import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { UserError } from '../core/errors';
import { asUserError, visibleNames, writeFileAtomic } from '../core/files';
import { projectRoot } from '../core/paths';

import { type RunRecord, readRecord, recordId } from './record';

/** One file of a folder of records and what is wrong with it; `problem` is null when nothing is. */
export interface RecordReport {
  file: string;
  problem: string | null;
}

/** Where records are kept unless another folder is named. */
export function defaultRecordsFolder(): string {
  return join(projectRoot, 'results', 'records');
}

/**
 * Writes the record as `<id>.json` in the folder and returns the file's path; a wrong record is not written.
 * @param replace also a record of the same run on other images.
 * @throws UserError where there is such a record.
 */
export function saveRecord(
  record: RunRecord,
  folder: string = defaultRecordsFolder(),
  { replace = false }: { replace?: boolean } = {},
): string {
  const path = join(folder, `${record.id}.json`);
  if (!replace) refuseOtherImages(path, record.dataset.checksum);
  writeFileAtomic(path, `${JSON.stringify(readRecord(record, path), null, 2)}\n`);
  return path;
}

/**
 * A configuration does not say which images a folder held, so its record may be of others.
 * @throws UserError where `path` holds a record of images with another checksum.
 */
export function refuseOtherImages(path: string, checksum: string): void {
  if (!existsSync(path)) return;
  const { dataset } = loadRecord(path);
  if (dataset.checksum === checksum) return;
  throw new UserError(
    `${path} is a record of the same settings on other images: ${dataset.trainImages} training and ` +
      `${dataset.testImages} test images of checksum ${dataset.checksum.slice(0, 12)}, not ${checksum.slice(0, 12)}. ` +
      'Keep both with another folder for this one (--records), or give --restart to replace it.',
  );
}

/** Reads one record. */
export function loadRecord(path: string): RunRecord {
  return readRecord(parseJsonFile(path), path);
}

/**
 * Reads every record of the folder, in the order of their files' names. A run counts once: copies of its record, such
 * as `<id> (copy).json`, are left out.
 * @throws UserError if there are two different records of a run, and neither file has the record's name.
 */
export function loadRecords(folder: string = defaultRecordsFolder()): RunRecord[] {
  return recordsIn(folder, (error) => {
    throw error;
  });
}

/** As `loadRecords`, but one that cannot be read does not hide the others. @returns what is wrong with each of those. */
export function loadReadableRecords(folder: string = defaultRecordsFolder()): {
  records: RunRecord[];
  problems: string[];
} {
  const problems: string[] = [];
  const records = recordsIn(folder, (error) => {
    problems.push(asUserError(error).message);
  });
  return { records, problems };
}

function recordsIn(folder: string, onError: (error: unknown) => void): RunRecord[] {
  const byRun = new Map<string, RecordFile[]>();
  const trying = <T>(work: () => T): T[] => {
    try {
      return [work()];
    } catch (error) {
      onError(error);
      return [];
    }
  };
  for (const file of recordFiles(folder)) {
    for (const record of trying(() => loadRecord(file)))
      byRun.set(record.id, [...(byRun.get(record.id) ?? []), { file, record }]);
  }
  return [...byRun.values()].flatMap((files) => trying(() => theOneThatCounts(files)));
}

interface RecordFile {
  file: string;
  record: RunRecord;
}

function theOneThatCounts(files: readonly RecordFile[]): RunRecord {
  const [first, ...others] = files;
  const named = files.find(({ file, record }) => isNamedAfter(record, file));
  if (named) return named.record;
  const different = others.find(({ record }) => !isDeepStrictEqual(record, first.record));
  if (!different) return first.record;
  throw new UserError(
    `${first.file} and ${different.file} are different records of one run. Call the one that counts ` +
      `${first.record.id}.json, or remove the other.`,
  );
}

function isNamedAfter({ id }: { id: string }, file: string): boolean {
  return basename(file) === `${id}.json`;
}

/** Checks every record of the folder, each on its own, so that one bad file does not hide another. */
export function validateRecords(folder: string = defaultRecordsFolder()): RecordReport[] {
  return validateFiles(folder, loadRecord, ({ config }) => recordId(config));
}

/** Checks every file of a folder; @param idOf the name that what stands in a record gives it. */
export function validateFiles<T extends { id: string }>(
  folder: string,
  load: (file: string) => T,
  idOf: (record: T) => string,
): RecordReport[] {
  return recordFiles(folder).map((file) => ({ file, problem: problemOf(file, load, idOf) }));
}

function problemOf<T extends { id: string }>(
  file: string,
  load: (file: string) => T,
  idOf: (record: T) => string,
): string | null {
  try {
    const record = load(file);
    const expected = idOf(record);
    if (record.id !== expected) {
      return `${file}: field id is '${record.id}', but its settings give '${expected}'. Was it edited by hand?`;
    }
    if (isNamedAfter(record, file)) return null;
    const own = `${record.id}.json`;
    return existsSync(join(dirname(file), own))
      ? `${file} is a copy of ${own}, and does not count. Remove it.`
      : `${file} should be called ${own}.`;
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
}

function recordFiles(folder: string): string[] {
  if (!existsSync(folder)) {
    throw new UserError(
      `There is no folder ${folder}. Run an experiment first, or name the folder of your records.`,
    );
  }
  const names = visibleNames(folder).filter((name) => name.endsWith('.json'));
  return names.sort().map((name) => join(folder, name));
}

/** @throws UserError that names the file where it is no JSON. */
export function parseJsonFile(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UserError(`Cannot read the record ${path}: ${reason}. Check the path, or restore the file.`);
  }
}

/**
 * One run as a flat row. What was not measured is NaN, which is what data frames take for a missing value: danfojs
 * computes with null as if it were 0.
 */
export interface RecordRow {
  id: string;
  method: string;
  dataset: string;
  preset: string;
  seed: number;
  scale: 'paper' | 'reduced';
  epochs: number;
  width: number;
  knnTop1: number;
  knnK: number;
  linearTop1: number;
  linearTop5: number;
  rawPixelKnnTop1: number;
  rawPixelLinearTop1: number;
  purity: number;
  loss: number;
  totalSeconds: number;
  imagesPerSecond: number;
}

/** The records as flat rows, for a data frame or a chart of one's own. */
export function recordRows(records: readonly RunRecord[]): RecordRow[] {
  return records.map(({ id, config, scale, metrics, timing }) => ({
    id,
    method: config.method,
    dataset: config.dataset,
    preset: config.preset,
    seed: config.seed,
    scale,
    epochs: config.training.epochs,
    width: config.model.width,
    knnTop1: metrics.knnTop1 ?? Number.NaN,
    knnK: metrics.knnK ?? Number.NaN,
    linearTop1: metrics.linearTop1 ?? Number.NaN,
    linearTop5: metrics.linearTop5 ?? Number.NaN,
    rawPixelKnnTop1: metrics.rawPixelKnnTop1 ?? Number.NaN,
    rawPixelLinearTop1: metrics.rawPixelLinearTop1 ?? Number.NaN,
    purity: metrics.purity ?? Number.NaN,
    loss: metrics.loss ?? Number.NaN,
    totalSeconds: timing.totalSeconds,
    imagesPerSecond: timing.imagesPerSecond,
  }));
}

/** Which records are meant; a list that is left out or empty leaves no record out. */
export interface RecordChoice {
  ids?: readonly string[];
  datasets?: readonly string[];
  methods?: readonly string[];
  presets?: readonly string[];
  seeds?: readonly number[];
}

/** The records that are of the choice in everything, in their order. */
export function selectRecords(records: readonly RunRecord[], choice: RecordChoice): RunRecord[] {
  return records.filter(
    ({ id, config }) =>
      allows(choice.ids, id) &&
      allows(choice.datasets, config.dataset) &&
      allows(choice.methods, config.method) &&
      allows(choice.presets, config.preset) &&
      allows(choice.seeds, config.seed),
  );
}

function allows<T>(chosen: readonly T[] | undefined, value: T): boolean {
  return chosen === undefined || chosen.length === 0 || chosen.includes(value);
}
