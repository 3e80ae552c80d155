import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { type Options, ZipFile } from 'yazl';
import type { Source } from '../../lib/data';
import { imageFolder } from '../../lib/data/image-folder';
import { md5, tiny } from './install/tiny-source';

/** Files as in Tiny ImageNet, of two classes, with two training and one test image each. */
export const treeFiles: Record<string, string> = {
  'wnids.txt': 'n01\nn02\n',
  'words.txt': 'n01\tone\nn02\ttwo\n',
  'train/n01/images/n01_0.JPEG': 'a',
  'train/n01/images/n01_1.JPEG': 'b',
  'train/n02/images/n02_0.JPEG': 'c',
  'train/n02/images/n02_1.JPEG': 'd',
  'val/val_annotations.txt': 'val_0.JPEG\tn02\t0\t0\t1\t1\nval_1.JPEG\tn01\t0\t0\t1\t1\n',
  'val/images/val_0.JPEG': 'e',
  'val/images/val_1.JPEG': 'f',
};

/** A dataset of these files, whose publisher's archive has these sums. */
export function treeSource(archive: Buffer = Buffer.alloc(0)): Source {
  return {
    ...tiny,
    title: 'Tiny Tree',
    folder: 'tree',
    archive: { ...tiny.archive, file: 'tree.zip', bytes: archive.length, md5: md5(archive) },
    members: [],
    extras: [],
    tree: imageFolder({ classes: 2, perClass: 2, test: 2, maxBytes: 1_000_000, diskBytes: 40_000 }),
  };
}

/** Writes the files, other contents where given, to `<at>/tree`. */
export function writeTree(at: string, changed: Record<string, string> = {}): string {
  const folder = join(at, 'tree');
  for (const [name, text] of Object.entries({ ...treeFiles, ...changed })) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

export type ZipEntry = [path: string, content: string | Buffer, options?: Partial<Options>];

/** The entries of the dataset's honest zip archive, which has files that are not needed as well. */
export const treeEntries: ZipEntry[] = [
  ...Object.entries(treeFiles).map(([name, text]): ZipEntry => [`tree/${name}`, text]),
  ['tree/train/n01/n01_boxes.txt', 'boxes'],
  ['tree/test/images/test_0.JPEG', 'not labeled'],
];

export async function zipOf(...entries: ZipEntry[]): Promise<Buffer> {
  const zip = new ZipFile();
  for (const [path, content, options] of entries) {
    zip.addBuffer(Buffer.from(content), path, { mtime: new Date(2000, 1, 1), ...options });
  }
  zip.end();
  return buffer(zip.outputStream as NodeJS.ReadableStream);
}
