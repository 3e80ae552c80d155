import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { writeFileAtomic } from '../atomic-write';
import { UserError } from '../errors';

const manifestSchema = z.object({
  dataset: z.string(),
  /** Name of the archive or folder, or the address, that the files came from. */
  source: z.string(),
  /** Whether the archive's own checksum was the published one. */
  officialArchive: z.boolean(),
  members: z.array(z.object({ name: z.string(), bytes: z.int(), md5: z.string() })),
});

/** What an install wrote beside a dataset's files: which files, how long, with which md5, from where. */
export type Manifest = z.infer<typeof manifestSchema>;

/** The manifest in a dataset's folder; undefined where there is none, as in a folder unpacked by hand. */
export function readManifest(folder: string): Manifest | undefined {
  const path = join(folder, 'manifest.json');
  if (!existsSync(path)) return undefined;
  try {
    return manifestSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    throw new UserError(`${path} is not a manifest that an install wrote. Remove that file and run again.`);
  }
}

export function writeManifest(folder: string, manifest: Manifest): void {
  writeFileAtomic(join(folder, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);
}
