import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import { runConfigSchema } from '../config/run-config';
import { UserError } from '../core/errors';
import { writeFileAtomic } from '../core/files';
import { projectRoot } from '../core/paths';
import { modelSchema, originSchema } from './origin';

import { provenanceSchema, runRecordSchema } from './record';
import { parseJsonFile, type RecordReport, validateFiles } from './store';

export const EVALUATION_VERSION = 1;

const { dataset, linearCurve } = runRecordSchema.shape;
const {
  knnTop1,
  linearTop1,
  linearTop5,
  linearLastTop1,
  linearLastTop5,
  rawPixelKnnTop1,
  rawPixelLinearTop1,
} = runRecordSchema.shape.metrics.shape;
const channels = z.array(z.number()).length(3);
const seconds = z.number().nonnegative();

/**
 * What is kept of an evaluation without training. It is no run record: of an imported network neither the
 * configuration nor the curves of its training are known, and no table may take it for a run of the kit's.
 * Accuracies are percentages from 0 to 100, unrounded.
 */
export const evaluationRecordSchema = z.strictObject({
  schemaVersion: z.literal(EVALUATION_VERSION),
  kind: z.literal('evaluation'),
  id: runRecordSchema.shape.id,
  network: z.strictObject({
    ...modelSchema.shape,
    parameters: z.int().positive(),
    /** Of all its tensors: the same numbers always have the same. */
    sha256: z.string().regex(/^[0-9a-f]{64}$/),
    /** Where it comes from. */
    origin: originSchema,
  }),
  settings: z.strictObject({
    seed: z.int(),
    /** Height and width of the images on which the linear classifier learns. */
    cropSize: z.int().positive(),
    /** Mean and deviation of the channels that the images were normalized with, if not with the dataset's own. */
    normalization: z.strictObject({ mean: channels, std: channels }).optional(),
    evaluation: runConfigSchema.shape.evaluation.omit({ knnEvery: true }),
  }),
  dataset,
  metrics: z.strictObject({
    knnTop1,
    linearTop1,
    linearTop5,
    linearLastTop1,
    linearLastTop5,
    rawPixelKnnTop1,
    rawPixelLinearTop1,
  }),
  linearCurve,
  provenance: provenanceSchema,
  timing: z.strictObject({ knnSeconds: seconds, linearSeconds: seconds }),
});

export type EvaluationRecord = z.infer<typeof evaluationRecordSchema>;

/** Longest part of an evaluation's name that is made of words; names of files have their limits. */
const maxLetters = 60;

/** The name of an evaluation: the same network, images and settings always have the same. */
export function evaluationId({
  network,
  settings,
  dataset,
}: Pick<EvaluationRecord, 'network' | 'settings' | 'dataset'>): string {
  const { origin } = network;
  const source = origin.kind === 'run' ? origin.run : origin.file.replace(/\.[a-z]+$/i, '');
  const words = `${source}-on-${dataset.name}`
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, maxLetters);
  const facts = JSON.stringify([
    network.sha256,
    network.width,
    network.maxPool,
    ...(network.stem ? [network.stem] : []),
    settings,
    dataset.checksum,
  ]);
  const hash = createHash('sha256').update(facts).digest('hex').slice(0, 8);
  return `${words.replace(/^-+|-+$/g, '')}-${hash}`;
}

/** Where evaluations are kept unless another folder is named. */
export function defaultEvaluationsFolder(): string {
  return join(projectRoot, 'results', 'evaluations');
}

/** Reads one evaluation. @throws UserError that names the file and what is wrong with it. */
export function loadEvaluation(path: string): EvaluationRecord {
  const parsed = evaluationRecordSchema.safeParse(parseJsonFile(path));
  if (parsed.success) return parsed.data;
  throw new UserError(`${path} is not a valid evaluation record:\n${z.prettifyError(parsed.error)}`);
}

/** Checks every evaluation of the folder, each on its own. */
export function validateEvaluations(folder: string = defaultEvaluationsFolder()): RecordReport[] {
  return validateFiles(folder, loadEvaluation, evaluationId);
}

/** Writes the evaluation as `<id>.json` in the folder and returns the file's path. */
export function saveEvaluation(
  record: EvaluationRecord,
  folder: string = defaultEvaluationsFolder(),
): string {
  const path = join(folder, `${record.id}.json`);
  writeFileAtomic(path, `${JSON.stringify(evaluationRecordSchema.parse(record), null, 2)}\n`);
  return path;
}
