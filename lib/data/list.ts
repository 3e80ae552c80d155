import { findDataset } from './data-folder';
import { readManifest } from './manifest';
import { builtInNames, sources } from './sources';

export interface Listing {
  name: string;
  title: string;
  /**
   * `installed`: with a manifest, so its md5 sums were checked; `unchecked`: files without one, perhaps a subset.
   */
  state: 'built-in' | 'installed' | 'unchecked' | 'missing';
  folder?: string;
}

/** The known datasets and whether they are in `dataFolder`; looks at names only. */
export function listDatasets(dataFolder: string): Listing[] {
  const builtIn = builtInNames.map(
    (name): Listing => ({ name, title: `${name}, drawn by the kit`, state: 'built-in' }),
  );
  const fetched = sources.map((source): Listing => {
    const { name, title } = source;
    const folder = findDataset(source, dataFolder);
    if (!folder) return { name, title, state: 'missing' };
    return { name, title, folder, state: readManifest(folder) ? 'installed' : 'unchecked' };
  });
  return [...builtIn, ...fetched];
}
