import { UserError } from '../../core/errors';
import { registeredDatasets } from '..';
import { findDataset, unreadable } from '../data-folder';
import { changesSinceInstall, installedBytes, type Manifest, readManifest } from '../manifest';
import type { Source } from '../sources';
import { foundFiles } from './found-files';
import { totalLength } from './verify';

export interface Listing {
  name: string;
  title: string;
  /**
   * `installed`: with a manifest, so its md5 sums were checked; `damaged`: no longer what was installed; `unchecked`:
   * files without a manifest, perhaps a subset.
   */
  state: 'built-in' | 'installed' | 'damaged' | 'unchecked' | 'missing';
  folder?: string;
  /** Length of its files. */
  bytes?: number;
  /** Of a damaged one: the first thing that is wrong. */
  problem?: string;
}

/** The datasets that have files or are drawn, and whether they are in `dataFolder`; looks at names and lengths only. */
export function listDatasets(dataFolder: string): Listing[] {
  return registeredDatasets().flatMap(({ name, source, drawn }): Listing[] => {
    if (source) return [listSource(source, dataFolder)];
    return drawn ? [{ name, title: `${name}, drawn by the kit`, state: 'built-in' }] : [];
  });
}

function listSource(source: Source, dataFolder: string): Listing {
  const { name, title } = source;
  let folder: string | undefined;
  try {
    folder = findDataset(source, dataFolder);
    if (!folder) return { name, title, state: 'missing' };
    const manifest = readManifest(folder);
    if (manifest) return { name, title, folder, ...listInstalled(folder, manifest) };
    return { name, title, folder, state: 'unchecked', bytes: totalLength(foundFiles(source, folder)) };
  } catch (thrown) {
    const error = unreadable(thrown, folder ?? dataFolder);
    if (!(error instanceof UserError)) throw error;
    return { name, title, folder, state: 'damaged', problem: error.message };
  }
}

function listInstalled(folder: string, manifest: Manifest): Pick<Listing, 'state' | 'bytes' | 'problem'> {
  const [problem] = changesSinceInstall(folder, manifest);
  return problem ? { state: 'damaged', problem } : { state: 'installed', bytes: installedBytes(manifest) };
}
