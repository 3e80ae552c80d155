import { createHash } from 'node:crypto';
import { z } from 'zod';
import { type RunConfig, runConfigSchema } from '../config/run-config';
import { UserError } from '../core/errors';

/** The version of the record format that this kit writes. */
export const RECORD_VERSION = 1;

const percent = z.number().min(0).max(100);
const share = z.number().min(0).max(1);
const seconds = z.number().nonnegative();
const count = z.int().nonnegative();
const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'expected 64 hexadecimal digits (SHA-256)');

const curvePoint = z.strictObject({
  /** Epochs finished so far: 1 after the first. */
  epoch: z.int().positive(),
  /** Optimizer steps taken so far. */
  step: count,
  /** Learning rate of the epoch's last step. */
  lr: z.number().nonnegative(),
  /** Mean loss over the epoch. */
  loss: z.number(),
  purity: share.nullable(),
  knnTop1: percent.nullable(),
});

const linearPoint = z.strictObject({
  epoch: z.int().positive(),
  lr: z.number().nonnegative(),
  loss: z.number(),
  top1: percent,
  top5: percent,
});

const metrics = z.strictObject({
  /** Weighted nearest-neighbor accuracy after the last epoch. */
  knnTop1: percent.nullable(),
  /** The best of all epochs that were evaluated. */
  knnBestTop1: percent.nullable(),
  /** Neighbors that voted; 200 in the paper. */
  knnK: z.int().positive().nullable(),
  /** Best over the epochs of the linear evaluation, as the authors' code reports it. */
  linearTop1: percent.nullable(),
  linearTop5: percent.nullable(),
  linearLastTop1: percent.nullable(),
  linearLastTop5: percent.nullable(),
  /** Share of the neighbors that have the query's class, mean over the last epoch. */
  purity: share.nullable(),
  /** Mean loss of the last epoch. */
  loss: z.number().nullable(),
  /** Nearest-neighbor accuracy on raw pixels: what the dataset gives away without any training. */
  rawPixelKnnTop1: percent.nullable().optional(),
  /** Accuracy of a linear classifier on raw pixels, best of its epochs; null without a linear evaluation. */
  rawPixelLinearTop1: percent.nullable().optional(),
});

export const provenanceSchema = z.strictObject({
  kitVersion: z.string(),
  commit: z
    .string()
    .regex(/^[0-9a-f]{40}([0-9a-f]{24})?$/, 'expected a full commit hash')
    .nullable(),
  /** Whether tracked files differed from the commit; null if that is not known. */
  dirty: z.boolean().nullable(),
  /** Why the commit, or whether files differed from it, is not known; absent if it is, and from older records. */
  commitProblem: z.string().optional(),
  packageLockSha256: sha256.nullable(),
  engine: z.strictObject({
    name: z.string(),
    version: z.string(),
    threads: z.int().positive().nullable(),
    /** What products were computed in; absent from older records. */
    precision: z.enum(['float32', 'tf32']).optional(),
    /** Whether the engine gives the same bits each time; absent when that is not known. */
    deterministic: z.boolean().optional(),
  }),
  node: z.string(),
  platform: z.string(),
  cpu: z.strictObject({ model: z.string(), cores: z.int().positive() }),
  memoryGiB: z.number().positive(),
  gpu: z.string().nullable(),
  startedAt: z.iso.datetime(),
  finishedAt: z.iso.datetime(),
  /** How many times the run was taken up again from a checkpoint. */
  resumed: count,
});

const timing = z.strictObject({
  pretrainSeconds: seconds,
  evaluationSeconds: seconds,
  totalSeconds: seconds,
  epochSeconds: z.array(seconds),
  /** Training images per second of pretraining. */
  imagesPerSecond: z.number().nonnegative(),
});

/**
 * What is kept of one run. Everything that depends on the clock or the machine stands in `provenance` and
 * `timing`; all the rest is the same, bit for bit, when the run is repeated on the same engine and machine.
 * Accuracies are percentages from 0 to 100, purities shares from 0 to 1, both unrounded.
 */
export const runRecordSchema = z.strictObject({
  schemaVersion: z.literal(RECORD_VERSION),
  id: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'expected lower-case letters, digits and single hyphens'),
  config: runConfigSchema,
  scale: z.enum(['paper', 'reduced']),
  /** What differs from the paper's scale; empty at the paper's scale. */
  scaleReasons: z.array(z.string()),
  dataset: z.strictObject({
    name: z.string(),
    checksum: z.string().min(1),
    /** Images of the pretraining, those without labels too. */
    trainImages: z.int().positive(),
    testImages: count,
    /** How many of the training images have no label; left out where all have one. */
    unlabeledImages: z.int().positive().optional(),
    /** 0 if the images have no labels. */
    classes: count,
    /** Of the paper's datasets: whether the images are the published ones; left out where it is not known. */
    verified: z.boolean().optional(),
    /** Where the images are a part of the dataset: of what, and the seed that chose them. */
    drawnFrom: z
      .strictObject({
        seed: z.int(),
        trainImages: z.int().positive(),
        testImages: count,
        unlabeledImages: z.int().positive().optional(),
        checksum: z.string().min(1),
        /** Of a part of a part: the seeds of the later choices, in their order. */
        laterSeeds: z.array(z.int()).optional(),
      })
      .optional(),
    /** Of a folder of one's own images: what it held. */
    folder: z
      .strictObject({
        /** Where the labels come from, or none. */
        labels: z.string(),
        /** Names of the classes, and how many images of each the run had; empty without labels. */
        perClass: z.array(z.strictObject({ name: z.string(), train: count, test: count })),
        /** Images that were left out since they could not be used. */
        broken: count,
        /** Height and width at which they were evaluated. */
        imageSize: z.int().positive(),
        /** Of each channel, of values in 0..1, measured on the training images. */
        mean: z.array(z.number()).length(3),
        std: z.array(z.number()).length(3),
      })
      .optional(),
  }),
  curves: z.array(curvePoint),
  linearCurve: z.array(linearPoint),
  metrics,
  /**
   * The class of each test image and the predicted ones, packed as by `packPredictions`, in the order of the test
   * set: for paired comparisons of runs. Absent in older records, and if the dataset could not be evaluated.
   */
  predictions: z
    .strictObject({
      /** The images' own classes. */
      labels: z.base64(),
      /** By the nearest neighbors after the last epoch. */
      knn: z.base64(),
      /** By the linear evaluation's best epoch; absent without a linear evaluation. */
      linear: z.base64().optional(),
    })
    .optional(),
  provenance: provenanceSchema,
  timing,
});

export type RunRecord = z.infer<typeof runRecordSchema>;
export type CurvePoint = RunRecord['curves'][number];
export type LinearPoint = RunRecord['linearCurve'][number];
export type RunMetrics = RunRecord['metrics'];
export type Provenance = RunRecord['provenance'];
export type Timing = RunRecord['timing'];

/** The name of a configuration's record: the same configuration always has the same name. */
export function recordId(config: RunConfig): string {
  const { method, dataset, preset, seed } = config;
  const hash = createHash('sha256').update(canonicalJson(config)).digest('hex').slice(0, 8);
  const words = `${method}-${dataset}-${preset}`.toLowerCase().replace(/[^a-z0-9]+/g, '-');
  return `${words.replace(/^-+|-+$/g, '')}-${seed < 0 ? 'n' : 's'}${Math.abs(seed)}-${hash}`;
}

/** The record without what may differ between two runs of one configuration: machine, clock and speed. */
export function comparableRecord(record: RunRecord): Omit<RunRecord, 'provenance' | 'timing'> {
  const { provenance: _provenance, timing: _timing, ...rest } = record;
  return rest;
}

/**
 * Checks a record that was read from `file`, after bringing an older version up to date.
 * @throws UserError that names the file, each wrong or missing field and what is expected there.
 */
export function readRecord(value: unknown, file: string): RunRecord {
  const parsed = runRecordSchema.safeParse(upToDate(value, file));
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `  ${fieldName(issue.path)}: ${issue.message}`);
  throw new UserError(
    `${file} is not a valid run record:\n${problems.join('\n')}\n` +
      'Mend these fields, or delete the file and run the experiment again.',
  );
}

/** How a record of each older version becomes one of the next; empty while there is one version. */
const migrations: Record<number, (old: object) => object> = {};

function upToDate(value: unknown, file: string): unknown {
  if (typeof value !== 'object' || value === null || !('schemaVersion' in value)) {
    throw new UserError(
      `${file}: field schemaVersion is missing, expected ${RECORD_VERSION}. Is this file a run record at all?`,
    );
  }
  let record: object = value;
  let version: unknown = value.schemaVersion;
  while (typeof version === 'number' && version in migrations) {
    record = migrations[version](record);
    version += 1;
  }
  if (version === RECORD_VERSION) return record;
  throw new UserError(
    `${file}: field schemaVersion is ${JSON.stringify(version)}, this kit reads up to ${RECORD_VERSION}. ` +
      'Update the kit (git pull, then npm ci) to read records of a newer version.',
  );
}

function fieldName(path: PropertyKey[]): string {
  return (
    path
      .map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`))
      .join('')
      .replace(/^\./, '') || 'record'
  );
}

function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, part) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}

/** One epoch of a run in words: `epoch 3, loss 0.1234, purity 0.456, k-NN 32.10 %`. */
export function formatEpoch({
  epoch,
  loss,
  purity,
  knnTop1,
}: Pick<CurvePoint, 'epoch' | 'loss' | 'purity' | 'knnTop1'>): string {
  const parts = [`epoch ${epoch}`, `loss ${loss.toFixed(4)}`];
  if (purity !== null) parts.push(`purity ${purity.toFixed(3)}`);
  if (knnTop1 !== null) parts.push(`k-NN ${knnTop1.toFixed(2)} %`);
  return parts.join(', ');
}
