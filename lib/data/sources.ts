/** What is known of a dataset before it is read. */
export interface DatasetFacts {
  /** Small letters, digits and hyphens. */
  name: string;
  /** As papers write it. */
  title: string;
  classes: number;
  /** Training images with a label; of a dataset that is drawn, how many are drawn by default. */
  train: number;
  test: number;
  /** Training images without a label. */
  unlabeled?: number;
  /** Height and width of the images in pixels. */
  imageSize: number;
  /** Height and width of the views that pretraining makes. Default: those of the images. */
  cropSize?: number;
}

/** A file of a dataset, as its publisher packed it. */
export interface Member {
  /** Name inside the dataset's folder. */
  name: string;
  bytes: number;
  md5: string;
}

/** A dataset of so many files that their sums are not published: it is known by its archive, and by names. */
export interface Tree {
  /** Files that tell the dataset's folder, also that of a subset. */
  landmarks: readonly string[];
  /** No honest archive unpacks to more. */
  maxBytes: number;
  /** What the needed files take on the disk, in its blocks. */
  diskBytes: number;
  /** Whether a file, named by its path inside the dataset's folder, is one that the reader needs. */
  needs(name: string): boolean;
  /** What is missing or too much among the needed files, a sentence each; @param lines of the texts among them. */
  problems(lines: (name: string) => string[], present: ReadonlySet<string>): string[];
  /**
   * Needed files that are elsewhere in a folder of these files, by where they should be: each the path that it has,
   * or the text of one that can be made.
   */
  moved(
    files: readonly string[],
  ): Map<string, { path: string; text?: undefined } | { path?: undefined; text: string }>;
}

/** CIFAR's Python version: pickles of the same images in the same order. */
interface PythonVersion {
  archive: { file: string; bytes: number; md5: string; sha256?: string };
  /** The folder that the archive unpacks to. */
  folder: string;
  /** Each pickle, and the file of the binary version that has the same images. */
  files: readonly { name: string; member: string }[];
  /** Keys of the labels, in the order of the binary version's label bytes. */
  labels: readonly string[];
  /** The file of the names of the classes, and their key. */
  meta: { name: string; key: string };
}

/** Where a dataset comes from and how every byte of it is checked. */
export interface Source extends Omit<DatasetFacts, 'imageSize'> {
  archive: { file: string; urls: readonly string[]; bytes: number; md5: string; sha256?: string };
  /** The folder that the archive unpacks to. */
  folder: string;
  /** Files that the reader needs; each is checked by size and md5. */
  members: readonly Member[];
  /** Files that may be missing and are not checked: short texts. */
  extras: readonly string[];
  /** Checksum of the whole dataset as it is read, made of files with the published md5s. */
  checksum?: string;
  /** Another version of the same images, from which the members can be made. */
  python?: PythonVersion;
  /** No honest archive unpacks to more. Default: the members and some texts. */
  maxBytes?: number;
  /** In place of members, where no sums of single files are published. */
  tree?: Tree;
}

/** The Python version as a source of its own: of pickles that have other sums than the members made from them. */
export function asPythonSource(source: Source): Source | undefined {
  const { python } = source;
  if (!python) return undefined;
  return {
    ...source,
    archive: { ...python.archive, urls: [] },
    folder: python.folder,
    members: [],
    extras: [...python.files.map(({ name }) => name), python.meta.name],
    // Besides the images they have the names of their files, and some programs pickle a byte as up to two.
    maxBytes: 2 * maxBytes(source),
  };
}

/** Whether the reader needs a file, named by its path inside the dataset's folder, or may find it useful. */
export function isNeeded({ members, extras, tree }: Source, name: string): boolean {
  return tree ? tree.needs(name) : extras.includes(name) || members.some((member) => member.name === name);
}

/** No honest archive of the dataset unpacks to more bytes. */
export function maxBytes({ members, tree, maxBytes }: Source): number {
  const slack = 1 << 20;
  return tree?.maxBytes ?? maxBytes ?? members.reduce((sum, { bytes }) => sum + bytes, slack);
}

/** Free bytes that the unpacked dataset needs on the disk. */
export function neededSpace(source: Source): number {
  return source.tree?.diskBytes ?? maxBytes(source);
}

/** What is known of a dataset with these files. */
export function factsOf({
  name,
  title,
  classes,
  train,
  test,
  unlabeled,
  cropSize,
}: Source): Omit<DatasetFacts, 'imageSize'> {
  return { name, title, classes, train, test, unlabeled, cropSize };
}
