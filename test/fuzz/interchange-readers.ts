import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { withFile } from '../../lib/core/byte-source';
import { PickleReader } from '../../lib/core/pickle/reader';
import { unpickle } from '../../lib/core/pickle/unpickle';
import { backboneShapes, encodeBackbone, importBackbone, readBackbone } from '../../lib/interchange';
import { storageOf } from '../../lib/interchange/torch-legacy';
import { fixtureBytes } from '../interchange/fixtures';
import type { Reader } from './fuzz';
import type { Stretch } from './mutations';
import { header, headersOf } from './safetensors-header';

const zips = ['authors.pth', 'torchvision-protocol4.pth', 'double.pth'];

const fixtures = (names: string[]) => () =>
  Object.fromEntries(names.map((name) => [name, fixtureBytes(name)]));

const importFile = (folder: string, file: string) =>
  withFile(join(folder, file), (source) =>
    importBackbone(
      source,
      /^(authors|parallel)/.test(file) ? {} : { stemStride: 1, stemPadding: 1, maxPool: false },
    ),
  );

/** Files that PyTorch wrote, and networks taken from them. */
export const interchangeReaders: Record<string, Reader> = {
  '.pth, zip': {
    files: fixtures(zips),
    structure: (whole) => [pickleIn(whole).stretch, ...directory(whole)],
    read: importFile,
  },
  '.pth, zip, checksum mended': {
    files: fixtures(zips),
    structure: (whole) => [pickleIn(whole).stretch],
    sameLength: true,
    mend: mendChecksum,
    read: importFile,
  },
  '.pth, legacy': { files: fixtures(['parallel-legacy.pth']), structure: legacyPickles, read: importFile },
  pickles: {
    files: () =>
      Object.fromEntries(
        zips.map((name) => [name, fixtureBytes(name).subarray(...pickleIn(fixtureBytes(name)).stretch)]),
      ),
    read: (folder, file) =>
      unpickle(new PickleReader(readFileSync(join(folder, file)), file), file, storageOf),
  },
  networks: {
    files: () => ({ 'backbone.safetensors': network() }),
    structure: (whole) => [header(whole)],
    read: (folder, file) => readBackbone(join(folder, file)),
  },
  'headers of networks': headersOf(network(), readBackbone),
};

/** Where the archive has its pickle, and the pickle's entry in the directory. */
function pickleIn(bytes: Buffer): { stretch: Stretch; entry: number } {
  const name = bytes.lastIndexOf('/data.pkl');
  const entry = bytes.lastIndexOf(Buffer.from('PK\x01\x02'), name);
  const local = bytes.readUInt32LE(entry + 42);
  const from = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
  return { stretch: [from, from + bytes.readUInt32LE(entry + 24)], entry };
}

/** The directory, and its end, which says where it is, once more. */
function directory(bytes: Buffer): Stretch[] {
  return [
    [bytes.readUInt32LE(bytes.length - 6), bytes.length],
    [bytes.length - 120, bytes.length],
  ];
}

/** Gives the archive the checksum of the pickle that it now has. */
function mendChecksum(damaged: Buffer, whole: Buffer): Buffer {
  const { stretch, entry } = pickleIn(whole);
  damaged.writeUInt32LE(crc32(damaged.subarray(...stretch)), entry + 16);
  return damaged;
}

/** The pickles end where the list of the storages' keys does; after it there are lengths and numbers alone. */
function legacyPickles(bytes: Buffer): Stretch[] {
  const end = bytes.lastIndexOf('e.') + 2;
  return [
    [0, end],
    [0, 300],
    [end, end + 8],
  ];
}

/** Of width 1. */
function network(): Buffer {
  const size = (shape: number[]) => shape.reduce((product, length) => product * length, 1);
  const tensors = [...backboneShapes(1)].map(
    ([name, shape]) => [name, new Float32Array(size(shape))] as const,
  );
  return Buffer.concat(
    encodeBackbone({
      model: { width: 1, maxPool: false },
      tensors: new Map(tensors),
      origin: {
        kind: 'run',
        run: 'mnn-cifar10-small-s1339-0f1e2d3c',
        method: 'mnn',
        dataset: 'cifar10',
        datasetChecksum: 'none',
        epochs: 1,
        ofEpochs: 2,
        engine: 'wasm',
      },
    }),
  );
}
