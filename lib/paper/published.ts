import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { UserError } from '../core/errors';
import { kitRoot } from '../core/paths';
import { paperDatasets } from '../presets';

const sourceSchema = z.strictObject({
  title: z.string().min(1),
  url: z.url(),
  /** Day on which the numbers stood there; null where it is not known. */
  date: z.iso.date().nullable(),
  commit: z.string().nullable(),
  note: z.string().min(1),
  /** Of a source that is not the authors': how its training and evaluation differ from the paper's. */
  protocol: z.string().min(1).optional(),
});

const dataset = z.enum(paperDatasets);

const entrySchema = z
  .strictObject({
    method: z.string().min(1),
    /** Told apart where a table has several rows of one method, such as k=1 and k=5. */
    variant: z.string().optional(),
    dataset,
    metric: z.enum(['linear-top1', 'knn-top1', 'purity']),
    /** Percent for accuracies, a share from 0 to 1 for purity. */
    value: z.number().positive().max(100),
    source: z.string(),
  })
  .refine((entry) => entry.metric !== 'purity' || entry.value <= 1, {
    error: 'expected a purity of at most 1',
  });

/** A published learning curve, read off a figure or a log. */
const curveSchema = z.strictObject({
  method: z.string().min(1),
  dataset,
  metric: z.literal('knn-top1'),
  source: z.string(),
  /** Length of the schedule. */
  epochs: z.int().positive(),
  batchSize: z.int().positive(),
  /** How the training differs from the paper's; absent if it is the same as far as known. */
  differs: z.string().optional(),
  /** Epoch, accuracy in percent, and by how much the accuracy may be misread, in points. */
  points: z.array(z.tuple([z.int().positive(), z.number().positive().max(100), z.number().nonnegative()])),
});

const percent = z.number().positive().max(100);

/** Numbers of the same method under another protocol, which its source describes: for comparison, in no table. */
const otherSchema = z.strictObject({
  source: z.string(),
  method: z.string().min(1),
  /** Which of several forms of the method. */
  variant: z.string().optional(),
  metric: z.enum(['linear-top1', 'knn-top1']),
  epochs: z.int().positive(),
  /** Absent if it is not known. */
  batchSize: z.int().positive().optional(),
  /** Runs behind each number; absent if it is not known. */
  seeds: z.int().positive().optional(),
  values: z.partialRecord(dataset, percent),
  /** Standard deviations over the seeds. */
  deviations: z.partialRecord(dataset, z.number().nonnegative()).optional(),
});

/** A range that a text states, in percentage points. */
const claimSchema = z.strictObject({
  what: z.string().min(1),
  from: z.number(),
  to: z.number(),
  source: z.string(),
});

/** The format of `results/published.json`: numbers that the authors published, each with its source. */
export const publishedSchema = z.strictObject({
  schemaVersion: z.literal(1),
  sources: z.record(z.string(), sourceSchema),
  entries: z.array(entrySchema),
  curves: z.array(curveSchema),
  others: z.array(otherSchema),
  claims: z.array(claimSchema),
  /** What no table shows, and why, so that nobody adds it unchecked. */
  excluded: z.array(
    z.strictObject({
      what: z.string(),
      why: z.string(),
      values: z.partialRecord(dataset, z.number()).optional(),
      source: z.string().optional(),
    }),
  ),
});

export type PublishedSource = z.infer<typeof sourceSchema>;
type Sourced<T> = Omit<T, 'source'> & {
  source: PublishedSource;
  /** The source's name in the file. */
  sourceName: string;
};
export type PublishedNumber = Sourced<z.infer<typeof entrySchema>>;
export type PublishedCurve = Sourced<z.infer<typeof curveSchema>>;
export type OtherNumbers = Sourced<z.infer<typeof otherSchema>>;
export type PublishedClaim = Sourced<z.infer<typeof claimSchema>>;

/** Where the published numbers are kept. */
export function publishedPath(): string {
  return join(kitRoot, 'results', 'published.json');
}

function parseJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new UserError(`Cannot read ${path} (${(error as Error).message}). Restore it from git.`);
  }
}

/** Every published number, newest source of the same repository first, each with where it was published. */
export function loadPublished(path: string = publishedPath()): PublishedNumber[] {
  return readPublished(path).entries;
}

/**
 * Everything of the file: numbers of tables, learning curves, numbers of other protocols, and ranges that a text claims, each with
 * where it was published.
 * @throws UserError where the file is wrong.
 */
export function readPublished(path: string = publishedPath()): {
  entries: PublishedNumber[];
  curves: PublishedCurve[];
  others: OtherNumbers[];
  claims: PublishedClaim[];
} {
  const parsed = publishedSchema.safeParse(parseJson(path));
  if (!parsed.success)
    throw new UserError(`${path} is wrong:\n${z.prettifyError(parsed.error)}\nRestore it from git.`);
  const { sources, entries, curves, others, claims } = parsed.data;
  const sourced = <T extends { source: string }>(item: T): Sourced<T> => {
    const source = sources[item.source];
    if (source === undefined) {
      throw new UserError(`${path}: source '${item.source}' is not among its sources. Add it there.`);
    }
    return { ...item, source, sourceName: item.source };
  };
  return {
    entries: entries.map(sourced),
    curves: curves.map(sourced),
    others: others.map(sourced),
    claims: claims.map(sourced),
  };
}
