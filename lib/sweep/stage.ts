import { resolve } from 'node:path';
import { dataFolder, findDataset, findRegistered, readManifest, type Source, writeManifest } from '../data';
import { installSource } from '../data/install';
import { waitForLock } from './wait-for-lock';

export interface StageOptions {
  /** The shared folder with the datasets. */
  data?: string;
  /** A folder on the node's own disk. */
  scratch: string;
  signal?: AbortSignal;
}

/**
 * Copies a dataset to a node's own disk, every file checked by its published md5, and returns the folder to use as
 * `data`. Of several processes on the node one copies and the others wait; what is there and right is taken.
 * @throws UserError where the shared folder does not hold the whole dataset, or there is no room for it.
 */
export async function stageDataset(name: string, options: StageOptions): Promise<string | undefined> {
  const { source } = findRegistered(name);
  return source ? stageSource(source, options) : options.data;
}

/** Like `stageDataset`, for a dataset described by `source`. */
export async function stageSource(source: Source, { data, scratch, signal }: StageOptions): Promise<string> {
  const folder = resolve(scratch);
  // An install is refused while another process is at it.
  await waitForLock(Infinity, signal, () =>
    installSource(source, { from: dataFolder(data), dataFolder: folder }),
  );
  keepOrigin(source, dataFolder(data), folder);
  return folder;
}

/** The same files come from where the shared ones did: of many files only their archive tells what they are. */
function keepOrigin(source: Source, shared: string, scratch: string): void {
  const [from, to] = [shared, scratch].map((folder) => findDataset(source, folder)!);
  const original = readManifest(from);
  if (!original?.tree) return;
  if (readManifest(to)?.tree?.sha256OfSums === original.tree.sha256OfSums) writeManifest(to, original);
}
