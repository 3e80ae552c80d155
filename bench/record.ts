import { join } from 'node:path';
import { z } from 'zod';
import { UserError } from '../lib/core/errors';
import { writeFileAtomic } from '../lib/core/files';
import { projectRoot } from '../lib/core/paths';
import { provenanceSchema } from '../lib/results/record';

/** The version of the benchmark records that this kit writes. */
export const BENCHMARK_VERSION = 1;

const timing = z.strictObject({
  /** What was done, for example 'step'. */
  task: z.string(),
  width: z.int().positive(),
  batch: z.int().positive(),
  /** Who did it, for example 'native' or 'PyTorch'. */
  contender: z.string(),
  /** Its packages and versions; null where it did not start. */
  version: z.string().nullable(),
  /** Median of the rounds; null where it did not run. */
  milliseconds: z.number().positive().nullable(),
  /** The most memory that the process held. */
  peakBytes: z.int().positive().nullable(),
  /** Milliseconds from the start of the process until it could begin. */
  readyAfter: z.number().positive().nullable(),
  /**
   * The part of the limit that it reaches: the fastest matrix product of the machine (`matrixPeaks`), and the
   * multiply-adds that Winograd's algorithm leaves. Missing where they are not counted or not measured.
   */
  limitShare: z.number().positive().optional(),
  /** Why it did not run. */
  problem: z.string().nullable(),
});

const matrixPeak = z.strictObject({
  /** Whose product, for example 'native'. */
  contender: z.string(),
  version: z.string().nullable(),
  /** Single precision, all threads; null where it did not run. */
  multiplyAddsPerSecond: z.number().positive().nullable(),
  /** Why it did not run. */
  problem: z.string().nullable(),
});

const methodTiming = z.strictObject({
  method: z.string(),
  engine: z.string(),
  width: z.int().positive(),
  batch: z.int().positive(),
  /** Views of each image that a step takes. */
  views: z.int().positive(),
  /** The engine's packages and versions; null where it did not start. */
  version: z.string().nullable(),
  /** Median of the rounds of one training step; null where it did not run. */
  milliseconds: z.number().positive().nullable(),
  /** MNN's, which took turns with it. */
  mnnMilliseconds: z.number().positive().nullable(),
  /** The most memory that the process held. */
  peakBytes: z.int().positive().nullable(),
  /** Why it did not run. */
  problem: z.string().nullable(),
});

const kernelTiming = z.strictObject({
  engine: z.string(),
  kernel: z.string(),
  shape: z.string(),
  milliseconds: z.number().positive(),
  /** The plain twin's time. */
  plainMilliseconds: z.number().positive(),
});

const viewSpeed = z.strictObject({
  recipe: z.string(),
  size: z.int().positive(),
  /** In one thread, by library. */
  imagesPerSecond: z.record(z.string(), z.number().positive()),
});

/** One run of the benchmark: everything in it was measured in turns, on one machine. */
export const benchmarkSchema = z.strictObject({
  schemaVersion: z.literal(BENCHMARK_VERSION),
  kind: z.literal('benchmark'),
  provenance: provenanceSchema,
  rounds: z.int().positive(),
  /** How fast the machine multiplies matrices; earlier records do not have it. */
  matrixPeaks: z.array(matrixPeak).optional(),
  timings: z.array(timing),
  /** Training steps of the methods; earlier records have none. */
  methods: z.array(methodTiming).default([]),
  kernels: z.array(kernelTiming),
  views: z.array(viewSpeed),
});

export type BenchmarkRecord = z.infer<typeof benchmarkSchema>;
export type BenchmarkTiming = BenchmarkRecord['timings'][number];

/** Where benchmark records are kept unless another folder is named. */
export function defaultBenchmarksFolder(): string {
  return join(projectRoot, 'results', 'benchmarks');
}

/**
 * Writes a benchmark under the time that it ended at; returns the file's path.
 * @throws UserError that says what is wrong with the record.
 */
export function saveBenchmark(record: BenchmarkRecord, folder: string = defaultBenchmarksFolder()): string {
  const parsed = benchmarkSchema.safeParse(record);
  if (!parsed.success)
    throw new UserError(`The benchmark's record is wrong:\n${z.prettifyError(parsed.error)}`);
  const path = join(folder, `${record.provenance.finishedAt.slice(0, 19).replaceAll(':', '-')}.json`);
  writeFileAtomic(path, `${JSON.stringify(parsed.data, null, 2)}\n`);
  return path;
}
