import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { UserError } from '../errors';
import { projectRoot } from '../package-root';

const sourceSchema = z.strictObject({
  title: z.string().min(1),
  url: z.url(),
  /** Day on which the numbers stood there; null where it is not known. */
  date: z.iso.date().nullable(),
  commit: z.string().nullable(),
  note: z.string().min(1),
});

const entrySchema = z
  .strictObject({
    method: z.string().min(1),
    /** Told apart where a table has several rows of one method, such as k=1 and k=5. */
    variant: z.string().optional(),
    dataset: z.enum(['cifar10', 'cifar100', 'stl10', 'tiny-imagenet']),
    metric: z.enum(['linear-top1', 'knn-top1', 'purity']),
    /** Percent for accuracies, a share from 0 to 1 for purity. */
    value: z.number().positive().max(100),
    source: z.string(),
  })
  .refine((entry) => entry.metric !== 'purity' || entry.value <= 1, {
    error: 'expected a purity of at most 1',
  });

/** The format of `results/published.json`: numbers that the authors published, each with its source. */
export const publishedSchema = z.strictObject({
  schemaVersion: z.literal(1),
  sources: z.record(z.string(), sourceSchema),
  entries: z.array(entrySchema),
  /** What was left out on purpose, so that nobody adds it unchecked. */
  excluded: z.array(z.strictObject({ what: z.string(), why: z.string() })),
});

export type PublishedSource = z.infer<typeof sourceSchema>;
export type PublishedNumber = Omit<z.infer<typeof entrySchema>, 'source'> & { source: PublishedSource };

/** Where the published numbers are kept. */
export function publishedPath(): string {
  return join(projectRoot, 'results', 'published.json');
}

/** Every published number, newest source of the same repository first, each with where it was published. */
export function loadPublished(path: string = publishedPath()): PublishedNumber[] {
  const parsed = publishedSchema.safeParse(JSON.parse(readFileSync(path, 'utf8')));
  if (!parsed.success)
    throw new UserError(`${path} is wrong:\n${z.prettifyError(parsed.error)}\nRestore it from git.`);
  const { sources, entries } = parsed.data;
  return entries.map((entry) => {
    const source = sources[entry.source];
    if (source === undefined) {
      throw new UserError(`${path}: source '${entry.source}' is not among its sources. Add it there.`);
    }
    return { ...entry, source };
  });
}
