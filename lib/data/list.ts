import { statSync } from 'node:fs';
import { join } from 'node:path';
import { findDataset } from './data-folder';
import { installedBytes, readManifest } from './manifest';
import { builtInNames, type Source, sources } from './sources';
import { presentFiles } from './verify';

export interface Listing {
  name: string;
  title: string;
  /**
   * `installed`: with a manifest, so its md5 sums were checked; `unchecked`: files without one, perhaps a subset.
   */
  state: 'built-in' | 'installed' | 'unchecked' | 'missing';
  folder?: string;
  /** Length of its files. */
  bytes?: number;
}

/** The known datasets and whether they are in `dataFolder`; looks at names and lengths only. */
export function listDatasets(dataFolder: string): Listing[] {
  const builtIn = builtInNames.map(
    (name): Listing => ({ name, title: `${name}, drawn by the kit`, state: 'built-in' }),
  );
  return [...builtIn, ...sources.map((source) => listSource(source, dataFolder))];
}

function listSource(source: Source, dataFolder: string): Listing {
  const { name, title } = source;
  const folder = findDataset(source, dataFolder);
  if (!folder) return { name, title, state: 'missing' };
  const manifest = readManifest(folder);
  if (manifest) return { name, title, folder, state: 'installed', bytes: installedBytes(manifest) };
  const bytes = presentFiles(source, folder).reduce(
    (sum, file) => sum + statSync(join(folder, file)).size,
    0,
  );
  return { name, title, folder, state: 'unchecked', bytes };
}
