import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { Transformer } from '@napi-rs/image';
import { Header } from 'tar';
import { UserError } from '../../lib/core/errors';
import { readCifar10, readCifar100, readStl10, readTinyImagenet } from '../../lib/data';
import { datasetChecksum } from '../../lib/data/checksum';
import { unpackArchive } from '../../lib/data/install/unpack';
import { verifySource } from '../../lib/data/install/verify';
import { installedSums, readManifest, sumsName, writeManifest } from '../../lib/data/manifest';
import { type PixelSplits, restorePixels } from '../../lib/data/pixel-cache';
import { md5 } from '../data/install/tiny-source';
import { treeEntries, treeFiles, treeSource, zipOf } from '../data/tiny-tree';
import type { Reader } from './fuzz';
import type { Stretch } from './mutations';
import { json, only } from './single-file';

const filled = (count: number, bytes: number, first: (i: number) => number[]) =>
  Buffer.concat(
    Array.from({ length: count }, (_, i) => {
      const record = Buffer.alloc(bytes, i);
      record.set(first(i));
      return record;
    }),
  );

const manifest = {
  dataset: 'cifar10',
  source: 'cifar-10-binary.tar.gz',
  officialArchive: true,
  members: [
    { name: 'data_batch_1.bin', bytes: 3 * 3073, md5: 'ab' },
    { name: 'test_batch.bin', bytes: 2 * 3073, md5: 'cd' },
  ],
};

async function tinyImagenetFiles(): Promise<Record<string, Buffer>> {
  const rgba = Uint8Array.from({ length: 64 * 64 * 4 }, (_, i) => (i % 4 === 3 ? 255 : (i * 7) % 256));
  const image = await Transformer.fromRgbaPixels(rgba, 64, 64).jpeg(80);
  const folder = 'tiny-imagenet-200';
  return {
    [`${folder}/wnids.txt`]: Buffer.from('n01\n'),
    [`${folder}/words.txt`]: Buffer.from('n01\tgoldfish, Carassius auratus\n'),
    [`${folder}/train/n01/images/n01_0.JPEG`]: image,
    [`${folder}/val/images/val_0.JPEG`]: image,
    [`${folder}/val/val_annotations.txt`]: Buffer.from('val_0.JPEG\tn01\t0\t0\t62\t62\n'),
  };
}

const images = (): PixelSplits => {
  const split = { count: 2, size: 2, labels: Int32Array.of(0, 1), pixels: new Uint8Array(2 * 2 * 2 * 3) };
  return { train: split, test: split };
};
const pixelKey = 'ab'.repeat(32);
const keptPixels = Buffer.concat([Buffer.from(pixelKey + datasetChecksum(images())), Buffer.alloc(48)]);

const treeSums = Buffer.from(
  Object.entries(treeFiles)
    .map(([name, text]) => `${md5(Buffer.from(text))}  ${name}\n`)
    .join(''),
);
const treeManifest = (sums: Buffer) => ({
  ...{ dataset: 'tree', source: 'tree.zip', officialArchive: true, members: [] },
  tree: { files: 9, bytes: 100, sha256OfSums: createHash('sha256').update(sums).digest('hex') },
});

/** Damaged sums are told from those of the install by their own sum: it is made right here. */
function verifyTree(folder: string) {
  const tree = join(folder, 'tree');
  writeManifest(tree, treeManifest(readFileSync(join(tree, sumsName))));
  return verifySource(treeSource(), folder);
}

/** A file in a tar archive: its header, and its content in whole blocks. */
function tarEntry(path: string, content: string): Buffer {
  const entry = Buffer.alloc(512 + 512 * Math.ceil(content.length / 512));
  new Header({ path, size: content.length, mode: 0o644, type: 'File', mtime: new Date(0) }).encode(entry);
  entry.write(content, 512);
  return entry;
}

const tar = Buffer.concat(
  [...Object.entries(treeFiles), ['test/test_0.JPEG', 'x']].map(([name, text]) =>
    tarEntry(`tree/${name}`, text),
  ),
);

const tarHeaders = (bytes: Buffer): number[] =>
  Array.from({ length: bytes.length / 512 }, (_, i) => i * 512).filter(
    (at) => bytes.toString('latin1', at + 257, at + 262) === 'ustar',
  );

/** Gives the headers the checksums that they now should have. */
function mendTar(damaged: Buffer, whole: Buffer): Buffer {
  for (const at of tarHeaders(whole)) {
    const field = damaged.subarray(at + 148, at + 156).fill(' ');
    const sum = damaged.subarray(at, at + 512).reduce((total, byte) => total + byte, 0);
    field.write(`${sum.toString(8).padStart(6, '0')}\0 `);
  }
  return damaged;
}

async function unpack(folder: string, file: string, pack = (bytes: Buffer): Buffer => bytes) {
  const archive = join(folder, 'archive');
  writeFileSync(archive, pack(readFileSync(join(folder, file))));
  const unpacked = join(folder, 'unpacked');
  mkdirSync(unpacked);
  try {
    return await unpackArchive(treeSource(), archive, unpacked);
  } finally {
    rmSync(unpacked, { recursive: true });
  }
}

/** Datasets, archives of them, and what an install keeps beside them. */
export const datasetReaders: Record<string, Reader> = {
  manifests: only('manifest.json', json(manifest), (file) => readManifest(dirname(file))),
  'manifests of many files': {
    files: () => ({ 'manifest.json': json(treeManifest(treeSums)), [sumsName]: treeSums }),
    read: (folder) => installedSums(folder, readManifest(folder)!),
  },
  'sums of many files': only(`tree/${sumsName}`, treeSums, (file) => verifyTree(dirname(dirname(file)))),
  'zip archives': {
    files: async () => ({ 'tree.zip': await zipOf(...treeEntries) }),
    structure: (whole) => [[whole.indexOf('PK\x01\x02'), whole.length]],
    read: (folder, file) => unpack(folder, file),
  },
  'tar archives': {
    files: () => ({ 'tree.tar': tar, 'tree.tar.gz': gzipSync(tar) }),
    read: (folder, file) => unpack(folder, file),
  },
  'tar archives, checksums mended': {
    files: () => ({ 'tree.tar': tar }),
    structure: (whole) => tarHeaders(whole).map((at): Stretch => [at, at + 512]),
    sameLength: true,
    mend: mendTar,
    read: (folder, file) => unpack(folder, file, gzipSync),
  },
  'CIFAR-10': {
    files: () => ({
      'cifar-10-batches-bin/data_batch_1.bin': filled(3, 3073, (i) => [i]),
      'cifar-10-batches-bin/test_batch.bin': filled(2, 3073, (i) => [i]),
      'cifar-10-batches-bin/manifest.json': json(manifest),
    }),
    read: readCifar10,
  },
  'CIFAR-100': {
    files: () => ({
      'cifar-100-binary/train.bin': filled(3, 3074, (i) => [4, 19 + i]),
      'cifar-100-binary/test.bin': filled(2, 3074, (i) => [4, i]),
    }),
    read: readCifar100,
  },
  'STL-10': {
    files: () => ({
      'stl10_binary/train_X.bin': filled(2, 27648, (i) => [i]),
      'stl10_binary/train_y.bin': Buffer.of(1, 10),
      'stl10_binary/test_X.bin': filled(1, 27648, (i) => [i]),
      'stl10_binary/test_y.bin': Buffer.of(7),
      'stl10_binary/unlabeled_X.bin': filled(1, 27648, (i) => [i]),
    }),
    read: (folder) => readStl10(folder),
  },
  'Tiny ImageNet': { files: tinyImagenetFiles, read: (folder) => readTinyImagenet(folder) },
  'kept pixels': only('pixels.bin', keptPixels, (file) => {
    if (!restorePixels(file, pixelKey, images())) throw new UserError('not restored');
  }),
};
