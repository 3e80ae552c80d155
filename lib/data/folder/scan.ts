import { type Dirent, readdirSync, readlinkSync, realpathSync, type Stats, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { UserError } from '../../core/errors';
import { unreadable } from '../data-folder';

/** An image's file, its path from the folder with '/' between, and what tells whether it has changed. */
export interface ImageFile {
  path: string;
  bytes: number;
  modified: number;
  /** Number of its class; -1 without one. */
  label: number;
  split: 'train' | 'test';
}

/** The images of a folder, in the order of torchvision's ImageFolder: by class, then by path. */
export interface FolderScan {
  /** Names of the class folders, sorted; empty if the folder has no labels. */
  classes: string[];
  files: ImageFile[];
  /** Where the labels come from, as a record says it; null without labels. */
  labelsFrom: string | null;
  /** Whether the folder itself says which images are for testing. */
  hasTest: boolean;
  /** What was left out or read in a way that may surprise, a sentence each. */
  notes: string[];
}

/** Endings of the files that are taken for images, in small letters. */
const imageSuffixes: readonly string[] = [
  '.jpg',
  '.jpeg',
  '.jpe',
  '.jfif',
  '.png',
  '.webp',
  '.gif',
  '.tif',
  '.tiff',
  '.avif',
];

const layouts =
  'Expected a folder for each class with its images in it, the same below train and test (or val), or images without ' +
  'labels in the folder itself.';

/** Left by systems where images were looked at or unpacked; names that begin with a dot are passed over too. */
const litter = new Set([
  'thumbs.db',
  'desktop.ini',
  '__macosx',
  '$recycle.bin',
  'system volume information',
  '@eadir',
]);

/**
 * Lists the images of a folder and finds out how it is laid out: a folder for each class, the same below `train` and
 * `test` or `val`, or images without labels in the folder itself. Images in folders below a class belong to the class.
 * @throws UserError if there are no images, or labels for some of them only: names what is wrong and the way out.
 */
export function scanFolder(folder: string): FolderScan {
  const walk = new Walk(folder);
  const top = walk.entries('');
  const named = (names: readonly string[]) =>
    top.folders.find((name) => names.includes(name.toLowerCase())) ?? undefined;
  const train = named(['train', 'training']);
  const scan = train === undefined ? walk.whole(top) : splitFolders(walk, train, named);
  if (scan.files.length === 0) throw noImages(folder, walk);
  return { ...scan, notes: [...scan.notes, ...walk.notes()] };
}

function noImages(folder: string, { others }: Walk): UserError {
  const found =
    others.length === 0
      ? 'It is empty.'
      : `It has ${count(others.length, 'other file')}, such as ${others[0]}.`;
  return new UserError(
    `${folder} has no images (${imageSuffixes.join(' ')}). ${found} ${layouts} See that this is the folder you mean.`,
  );
}

function splitFolders(
  walk: Walk,
  train: string,
  named: (names: readonly string[]) => string | undefined,
): FolderScan {
  const trained = walk.part(train, 'train');
  const [test, validation] = [named(['test', 'testing']), named(['val', 'valid', 'validation'])];
  const candidates = [test, validation].filter((name) => name !== undefined);
  const notes = [...trained.notes];
  for (const name of candidates) {
    const tested = walk.part(name, 'test');
    if (tested.files.length === 0) continue;
    if (trained.classes.length > 0 && tested.classes.length === 0) {
      notes.push(`${name} is left out: its ${count(tested.files.length, 'image')} have no labels.`);
      continue;
    }
    if (trained.classes.length === 0) {
      notes.push(
        `${name} is left out: the images of ${train} have no labels that it could be compared with.`,
      );
      continue;
    }
    for (const other of candidates.slice(candidates.indexOf(name) + 1)) {
      notes.push(`${other} is left out: the images of ${name} are the test images.`);
    }
    return together(walk.folder, { train, test: name }, trained, tested, [...notes, ...tested.notes]);
  }
  return { ...trained, notes };
}

/** Labels of the test images in the numbering of the training classes. */
function together(
  folder: string,
  names: { train: string; test: string },
  trained: FolderScan,
  tested: FolderScan,
  notes: string[],
): FolderScan {
  const { classes } = trained;
  const unknown = tested.classes.find((name) => !classes.includes(name));
  if (unknown !== undefined) {
    throw new UserError(
      `${join(folder, names.test, unknown)} is a class that ${names.train} does not have. Its classes are ` +
        `${classes.slice(0, 10).join(', ')}${classes.length > 10 ? ' ...' : ''}. Rename the folder, or move it away.`,
    );
  }
  const files = tested.files.map((file) => ({ ...file, label: classes.indexOf(tested.classes[file.label]) }));
  return {
    classes,
    files: [...trained.files, ...files],
    labelsFrom: `names of the folders in ${names.train} and ${names.test}`,
    hasTest: true,
    notes,
  };
}

interface Entries {
  folders: string[];
  files: string[];
}

/** Goes through a folder once, and remembers what it passed over. */
class Walk {
  /** Files that are no images, by their paths. */
  readonly others: string[] = [];
  private readonly leading: string[] = [];
  private readonly circles: string[] = [];
  private readonly root: string;

  constructor(readonly folder: string) {
    try {
      this.root = realpathSync(folder);
    } catch (error) {
      throw new UserError(
        `There is no folder ${folder} (${(error as NodeJS.ErrnoException).code}). Name one with images in it.`,
      );
    }
    if (!statSync(folder).isDirectory()) throw new UserError(`${folder} is a file. Name a folder of images.`);
  }

  /** Class folders with their images, or images without labels, in the folder itself. */
  whole(top: Entries): FolderScan {
    return this.part('', 'train', top);
  }

  /** The images below one folder of a split, or below the whole. */
  part(place: string, split: ImageFile['split'], { folders, files } = this.entries(place)): FolderScan {
    const loose = files.map((name) => this.file(place, name, -1, split));
    const notes: string[] = [];
    const classes: string[] = [];
    const labeled: ImageFile[] = [];
    for (const name of folders) {
      const found = this.below(join(place, name), classes.length, split, [this.real(join(place, name))]);
      if (found.length === 0) notes.push(`${join(place, name)} is left out: it has no images.`);
      else {
        // The same name is written in two ways by macOS and others.
        classes.push(name.normalize('NFC'));
        for (const file of found) labeled.push(file);
      }
    }
    if (loose.length > 0 && labeled.length > 0) {
      throw new UserError(
        `${join(this.folder, place)} has labels for some images only: ${count(labeled.length, 'image')} in ` +
          `${count(classes.length, 'class folder')}, and ${loose.length} beside them, such as ${loose[0].path}. Move those ` +
          'into the folder of their class, or away.',
      );
    }
    const base = { files: loose.length > 0 ? loose : labeled, hasTest: false, notes };
    if (loose.length > 0 || labeled.length === 0) return { ...base, classes: [], labelsFrom: null };
    return { ...base, classes, labelsFrom: `names of the folders${place && ` in ${place}`}` };
  }

  /** What is in a folder, sorted by name; images apart from everything else. */
  entries(place: string): Entries {
    const found: Entries = { folders: [], files: [] };
    for (const entry of this.list(place)) {
      if (entry.name.startsWith('.') || litter.has(entry.name.toLowerCase())) continue;
      const path = join(place, entry.name);
      const kind = entry.isSymbolicLink() ? this.behind(path) : entry;
      if (kind?.isDirectory()) found.folders.push(entry.name);
      else if (imageSuffixes.some((suffix) => entry.name.toLowerCase().endsWith(suffix)))
        found.files.push(entry.name);
      else this.others.push(path);
    }
    found.folders.sort();
    found.files.sort();
    return found;
  }

  notes(): string[] {
    const { others, leading, circles } = this;
    return [
      ...(others.length > 0
        ? [
            `${count(others.length, 'file')} that ${others.length > 1 ? 'are' : 'is'} no image left out, such as ${others[0]}.`,
          ]
        : []),
      ...(leading.length > 0
        ? [
            `${count(leading.length, 'link')} out of the folder followed: ${leading[0]} leads to ` +
              `${readlinkSync(join(this.folder, leading[0]))}.`,
          ]
        : []),
      ...circles.map((path) => `${path} is not followed: the link leads in a circle.`),
    ];
  }

  /** All images in a folder and those below it. */
  private below(
    place: string,
    label: number,
    split: ImageFile['split'],
    above: readonly string[],
  ): ImageFile[] {
    const { folders, files } = this.entries(place);
    const found = files.map((name) => this.file(place, name, label, split));
    for (const name of folders) {
      const path = join(place, name);
      const real = this.real(path);
      if (above.includes(real) || this.root.startsWith(real + sep) || real === this.root) {
        this.circles.push(path);
        continue;
      }
      for (const file of this.below(path, label, split, [...above, real])) found.push(file);
    }
    return found;
  }

  private file(place: string, name: string, label: number, split: ImageFile['split']): ImageFile {
    const path = join(place, name);
    // A link to nothing is an image that cannot be read: whoever decodes it says so.
    const stats = this.stats(path);
    return {
      path: path.split(sep).join('/'),
      bytes: stats?.size ?? 0,
      modified: stats?.mtimeMs ?? 0,
      label,
      split,
    };
  }

  private list(place: string): Dirent[] {
    const path = join(this.folder, place);
    try {
      return readdirSync(path, { withFileTypes: true });
    } catch (error) {
      throw unreadable(error, path);
    }
  }

  /** What a link leads to; undefined if that is nothing. Remembers links that leave the folder. */
  private behind(path: string): Stats | undefined {
    const stats = this.stats(path);
    if (stats && relative(this.root, this.real(path)).startsWith('..')) this.leading.push(path);
    return stats;
  }

  private stats(path: string): Stats | undefined {
    try {
      return statSync(join(this.folder, path));
    } catch {
      return undefined;
    }
  }

  private real(path: string): string {
    return realpathSync(join(this.folder, path));
  }
}

function count(number: number, noun: string): string {
  return `${number.toLocaleString('en')} ${noun}${number === 1 ? '' : 's'}`;
}
