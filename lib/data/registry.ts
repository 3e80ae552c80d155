import { UserError, unknownName } from '../core/errors';
import type { Dataset, DatasetInMemory, Progress } from './dataset';
import type { DatasetFacts, Source } from './sources';

export interface ReadOptions {
  /** The folder with the datasets, or with this one. */
  folder: string;
  /** How a folder of images is read; other datasets are read in one way. */
  images?: FolderOptions;
  /** Called with how much is read, if that takes long. */
  onProgress?: Progress;
}

/** How a folder of images is read. */
export interface FolderOptions {
  /** Height and width at which images are evaluated; their shorter side is resized to it. Default 64. */
  size?: number;
  /** Share of each class that becomes the test images, if the folder has none of its own. Default 0.2. */
  testShare?: number;
  /** Seed of that choice. Default 1339. */
  seed?: number;
  /** Leave out images that cannot be used, instead of refusing them all. */
  skipBroken?: boolean;
}

/** How many images of a dataset to draw, of which size, and from which seed. */
export interface DrawOptions {
  train?: number;
  perClass?: number;
  test?: number;
  size?: number;
  seed?: number;
}

/** A dataset as `registerDataset` takes it: what is known of it, and how it is read or drawn. */
export type RegisteredDataset = DatasetFacts & (StoredDataset | DrawnDataset);

interface StoredDataset {
  /** Where its files come from and how they are checked; absent if they are not. */
  source?: Source;
  /** Reads the whole dataset; runs take parts of it. */
  read(options: ReadOptions): Dataset | Promise<Dataset>;
  /** A folder of one's own images: its name is its path. */
  isFolder?: boolean;
  drawn?: undefined;
}

/** A dataset that a program makes, as many images as are asked for. */
interface DrawnDataset {
  source?: undefined;
  read?: undefined;
  isFolder?: undefined;
  /** The smallest and the largest height and width, and the program. */
  drawn: { sizes: readonly [number, number]; draw(options: DrawOptions): DatasetInMemory };
}

const registered = new Map<string, RegisteredDataset>();
const builtIn = new Set<string>();

/**
 * Makes a dataset known to everything that takes a dataset's name. One of the same name takes its place, so that a
 * notebook's cell can be run again.
 * @returns its name.
 * @throws UserError for a name of other letters, or that of a dataset that comes with the library.
 */
export function registerDataset(dataset: RegisteredDataset): string {
  const { name } = dataset;
  if (!/^[a-z][a-z0-9-]*$/.test(name)) {
    throw new UserError(
      `The name of a dataset has to be of small letters, digits and hyphens, which '${name}' is not.`,
    );
  }
  if (builtIn.has(name)) {
    throw new UserError(`'${name}' is a dataset of this library: give yours another name.`);
  }
  registered.set(name, dataset);
  return name;
}

/** Registers the datasets that come with the library; they cannot be replaced. */
export function registerOwn(datasets: readonly RegisteredDataset[]): void {
  for (const dataset of datasets) builtIn.add(registerDataset(dataset));
}

/** Every dataset that is known, in the order of registration. */
export function registeredDatasets(): RegisteredDataset[] {
  return [...registered.values()];
}

/** Every name that `loadDataset` knows. */
export function datasetNames(): string[] {
  return [...registered.keys()];
}

let folderOf: ((name: string) => RegisteredDataset | undefined) | undefined;

/** Sets what finds the dataset of a name that is the path of a folder. */
export function findFoldersWith(find: (name: string) => RegisteredDataset | undefined): void {
  folderOf = find;
}

/** @throws UserError that lists the known datasets. */
export function findRegistered(name: string): RegisteredDataset {
  const dataset = knownDataset(name);
  if (dataset) return dataset;
  const { message } = unknownName('dataset', name, datasetNames());
  throw new UserError(
    `${message} A folder of your own images is a dataset too: give its path, such as ./${name}.`,
  );
}

/**
 * What is known of a dataset, by its name or the path of a folder; undefined for one that is not registered, such as one
 * made in memory.
 */
export function knownDataset(name: string): RegisteredDataset | undefined {
  return registered.get(name) ?? folderOf?.(name);
}

/** The one name that configurations have for a dataset: a folder's path can be written in several ways. */
export function canonicalName(dataset: string): string {
  return knownDataset(dataset)?.name ?? dataset;
}

/** A dataset's name as papers write it; an unknown one stays as it is. */
export function datasetName(dataset: string): string {
  return knownDataset(dataset)?.title ?? dataset;
}

/** Every dataset whose files can be fetched. */
export function sources(): Source[] {
  return registeredDatasets().flatMap(({ source }) => (source ? [source] : []));
}

/**
 * Where the files of a dataset come from.
 * @throws UserError if no dataset has that name, or it has no files.
 */
export function sourceOf(name: string): Source {
  const { source } = findRegistered(name);
  if (!source) throw new UserError(`${name} is built in: there are no files of it.`);
  return source;
}
