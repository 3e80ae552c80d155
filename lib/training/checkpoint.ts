import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, linkSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Variable } from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { type RunConfig, runConfigSchema } from '../config/run-config';
import { UserError } from '../core/errors';
import { syncFolder, writeFileAtomic, writingFailed } from '../core/files';
import {
  bytesOf,
  decodeSafetensors,
  encodeSafetensors,
  parseJson,
  readSafetensorsMetadata,
  readWhole,
  type StoredTensor,
} from '../core/safetensors';
import { tf } from '../engine';
import type { NamedVariables } from '../models';

const CHECKPOINT_VERSION = 1;

/** Where a run stands, apart from its tensors. */
const progressSchema = z.strictObject({
  /** Steps taken. */
  step: z.int().nonnegative(),
  /** Sums over the steps of the epoch at hand. */
  lossSum: z.number(),
  puritySum: z.number(),
  epochSteps: z.int().nonnegative(),
  /** Finished epochs. */
  curves: z.array(
    z.strictObject({
      epoch: z.int().positive(),
      step: z.int().nonnegative(),
      lr: z.number(),
      loss: z.number(),
      purity: z.number().nullable(),
      knnTop1: z.number().nullable(),
    }),
  ),
  epochSeconds: z.array(z.number()),
  /** Seconds spent in the epoch at hand. */
  seconds: z.number(),
  /** How many times the run was taken up again. */
  resumed: z.int().nonnegative(),
  /** When the run first started. */
  startedAt: z.iso.datetime(),
});

export type Progress = z.infer<typeof progressSchema>;

const headerSchema = z.strictObject({
  version: z.literal(CHECKPOINT_VERSION),
  config: runConfigSchema,
  datasetChecksum: z.string(),
  engine: z.string(),
  counters: z.record(z.string(), z.int().nonnegative()),
  progress: progressSchema,
});

export type CheckpointHeader = Omit<z.infer<typeof headerSchema>, 'version'>;

export interface Checkpoint extends CheckpointHeader {
  tensors: Map<string, StoredTensor>;
}

/** The newest checkpoint of a run's folder, and the one before it. */
const names = ['checkpoint.safetensors', 'checkpoint.previous.safetensors'] as const;
/** A checkpoint that is whole, and not yet the newest by name. */
const arriving = `${names[0]}.new`;

/**
 * What else a checkpoint is kept as, at the end of an epoch: `best` where no epoch before had as high an accuracy,
 * and under the epoch's number every `keepEvery` epochs.
 */
export function keptNames({ curves, epochSteps }: Progress, keepEvery?: number): string[] {
  const last = curves.at(-1);
  if (!last || epochSteps > 0) return [];
  const accuracies = curves.map(({ knnTop1 }) => knnTop1 ?? -1);
  const isBest = last.knnTop1 !== null && accuracies.indexOf(Math.max(...accuracies)) === curves.length - 1;
  const isDue = keepEvery !== undefined && last.epoch % keepEvery === 0;
  return [
    ...(isBest ? ['checkpoint.best.safetensors'] : []),
    ...(isDue ? [`checkpoint.epoch-${String(last.epoch).padStart(4, '0')}.safetensors`] : []),
  ];
}

/** The files of a run's folder that hold its newest whole state, the likeliest first. */
export function newestCheckpoints(folder: string): string[] {
  return [arriving, ...names].map((name) => join(folder, name)).filter((file) => existsSync(file));
}

/** The files of a run's folder that are checkpoints, or were to become ones. */
export function checkpointFiles(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).filter((name) => name.startsWith('checkpoint.')) : [];
}

/** Takes away what writers left that were killed at work. */
export function removeUnfinished(folder: string): void {
  for (const name of checkpointFiles(folder))
    if (name.endsWith('.tmp')) rmSync(join(folder, name), { force: true });
}

/**
 * Writes a checkpoint into the run's folder, whole or not at all, and keeps the one before it.
 * @param kept other names that it is kept under.
 * @throws UserError if the folder cannot be written, or a value is no number any more; what was there stays.
 */
export async function saveCheckpoint(
  folder: string,
  variables: NamedVariables,
  header: CheckpointHeader,
  kept: readonly string[] = [],
): Promise<void> {
  const tensors = new Map<string, StoredTensor>();
  for (const [name, variable] of variables) {
    const tensor = await store(variable);
    if (!tensor.values.every(Number.isFinite)) {
      throw new UserError(
        `After step ${header.progress.step}, ${name} holds values that are no finite numbers: training stopped. ` +
          'Try a smaller --lr.',
      );
    }
    tensors.set(name, tensor);
  }
  const mnn = JSON.stringify({ version: CHECKPOINT_VERSION, ...header });
  const metadata = { mnn, sha256: checkpointChecksum(tensors, mnn) };
  const [newest, previous] = names.map((name) => join(folder, name));
  const written = join(folder, arriving);
  writeFileAtomic(written, encodeSafetensors(tensors, metadata));
  try {
    for (const name of kept) keepUnder(written, join(folder, name));
    if (existsSync(newest)) renameSync(newest, previous);
    renameSync(written, newest);
    syncFolder(folder);
  } catch (error) {
    throw writingFailed(folder, error);
  }
}

/** The same file under a second name, which costs no space; a copy where the file system has no links. */
function keepUnder(file: string, name: string): void {
  const temporary = `${name}.tmp`;
  rmSync(temporary, { force: true });
  try {
    linkSync(file, temporary);
  } catch {
    copyFileSync(file, temporary);
  }
  renameSync(temporary, name);
}

async function store(variable: Variable): Promise<StoredTensor> {
  const int = variable.dtype === 'int32';
  const values = (await variable.data()) as Float32Array | Int32Array;
  return { dtype: int ? 'I32' : 'F32', shape: variable.shape, values };
}

/** Of everything in a checkpoint: its tensors, and its header as the text that it has. */
export function checkpointChecksum(tensors: Map<string, StoredTensor>, header: string): string {
  const hash = createHash('sha256').update(header);
  for (const [name, { shape, values }] of tensors) {
    hash.update(`${name} [${shape}]`).update(bytesOf(values));
  }
  return hash.digest('hex');
}

export interface LoadedCheckpoint extends Checkpoint {
  /** Its writer died before the checkpoint had all its names. */
  arriving: boolean;
}

/**
 * Reads the newest whole checkpoint of a run's folder.
 * @param warn told when the newest is damaged and the one before it is taken.
 * @returns undefined where there is none.
 * @throws UserError if there are checkpoints and none is whole.
 */
export function loadCheckpoint(
  folder: string,
  warn: (message: string) => void,
): LoadedCheckpoint | undefined {
  const problems: string[] = [];
  for (const file of newestCheckpoints(folder)) {
    try {
      const checkpoint = readCheckpoint(file);
      if (problems.length > 0) warn(`${problems.join('\n')}\nThe checkpoint before it is taken: ${file}`);
      return { ...checkpoint, arriving: file === join(folder, arriving) };
    } catch (error) {
      problems.push((error as Error).message);
    }
  }
  if (problems.length === 0) return undefined;
  throw new UserError(
    `${problems.join('\n')}\nNo whole checkpoint is left in ${folder}: start over with --restart.`,
  );
}

/** @throws UserError that names the file and what is wrong with it. */
export function readCheckpoint(file: string): Checkpoint {
  const { tensors, metadata } = decodeSafetensors(readWhole(file), file);
  const { mnn, sha256 } = metadata;
  if (typeof mnn !== 'string') throw new UserError(`${file} is no checkpoint of a run.`);
  if (sha256 !== checkpointChecksum(tensors, mnn)) {
    throw new UserError(`${file} is damaged: it does not have the checksum that was written with it.`);
  }
  return { ...parseCheckpointHeader(mnn, file), tensors };
}

/**
 * What a checkpoint says of its run. Its tensors are not read, nor its checksum compared.
 * @throws UserError that names the file and what is wrong with it.
 */
export function readCheckpointHeader(file: string): CheckpointHeader {
  const { mnn } = readSafetensorsMetadata(file);
  if (typeof mnn !== 'string') throw new UserError(`${file} is no checkpoint of a run.`);
  return parseCheckpointHeader(mnn, file);
}

function parseCheckpointHeader(text: string, file: string): CheckpointHeader {
  const parsed = headerSchema.safeParse(parseJson(text));
  if (!parsed.success)
    throw new UserError(`${file} is no checkpoint of a run:\n${z.prettifyError(parsed.error)}`);
  const { version: _version, ...header } = parsed.data;
  return header;
}

/** @throws UserError that names every key in which the checkpoint's configuration differs from the run's. */
export function checkSameRun(checkpoint: Checkpoint, config: RunConfig, datasetChecksum: string): void {
  const differing = differences(checkpoint.config, config);
  if (checkpoint.datasetChecksum !== datasetChecksum) differing.push('the images of the dataset');
  if (differing.length === 0) return;
  throw new UserError(
    `The checkpoint is of another run; it differs in ${differing.join(', ')}. ` +
      'Give the same settings, or start over with --restart.',
  );
}

function differences(a: unknown, b: unknown, path = ''): string[] {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) {
    return a === b ? [] : [`${path} (${a} there, ${b} here)`];
  }
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...keys].flatMap((key) =>
    differences((a as never)[key], (b as never)[key], path === '' ? key : `${path}.${key}`),
  );
}

/** Gives every variable its stored value. @throws UserError for a missing tensor or a wrong shape. */
export function restoreVariables(variables: NamedVariables, { tensors }: Checkpoint): void {
  for (const [name, variable] of variables) {
    const stored = tensors.get(name);
    if (!stored || stored.shape.join() !== variable.shape.join()) {
      const there = stored ? `has the shape [${stored.shape}] there` : 'is missing there';
      throw new UserError(
        `The checkpoint does not fit the network: ${name} [${variable.shape}] ${there}. Start over with --restart.`,
      );
    }
    tf.tidy(() => variable.assign(tf.tensor(stored.values, stored.shape, variable.dtype as 'float32')));
  }
}
