import { crc32 } from 'node:zlib';
import { UserError } from '../../lib/errors';
import {
  backboneShapes,
  bufferSource,
  decodeBackbone,
  encodeBackbone,
  importBackbone,
} from '../../lib/interchange';
import { PickleReader } from '../../lib/interchange/pickle/reader';
import { unpickle } from '../../lib/interchange/pickle/unpickle';
import { storageOf } from '../../lib/interchange/storage-id';
import { decodeSafetensors } from '../../lib/training/safetensors';
import { fixtureBytes } from './fixtures';
import { mutant, type Seed } from './mutate';

/** A reader to be tried with mutated files. */
export interface FuzzedReader {
  name: string;
  seeds: Seed[];
  /** Whether mutants keep the length of the file they come from. */
  sameLength?: boolean;
  /** Mends what would make every mutant fail at the same place, such as a checksum. */
  mend?: (bytes: Buffer) => Buffer;
  /** Reads the bytes, or throws a UserError. */
  read: (bytes: Buffer) => unknown;
}

/** What became of the mutants of a reader. */
export interface FuzzResult {
  tried: number;
  accepted: number;
  refused: number;
  /** The longest that one took, in milliseconds. */
  slowest: number;
  /** Mutants that ended otherwise: their number and what happened. */
  problems: string[];
}

/** Tries a reader with the mutants from number `first` on. */
export async function fuzz(
  { seeds, sameLength, mend = (bytes) => bytes, read }: FuzzedReader,
  count: number,
  first = 0,
): Promise<FuzzResult> {
  const result: FuzzResult = { tried: count, accepted: 0, refused: 0, slowest: 0, problems: [] };
  for (let index = first; index < first + count; index++) {
    const bytes = mend(mutant(seeds, index, sameLength));
    const start = performance.now();
    try {
      await read(bytes);
      result.accepted++;
    } catch (error) {
      if (error instanceof UserError) result.refused++;
      else result.problems.push(`mutant ${index}: ${(error as Error).stack ?? error}`);
    }
    result.slowest = Math.max(result.slowest, performance.now() - start);
  }
  return result;
}

const zipNames = ['authors.pth', 'torchvision-protocol4.pth', 'double.pth'];
const readPth = (bytes: Buffer) => importBackbone(bufferSource(bytes, 'mutant.pth'));

/** The readers of files of PyTorch's and of networks. */
export function interchangeReaders(): FuzzedReader[] {
  const zips = zipNames.map(fixtureBytes);
  const pickles = zips.map((bytes) => {
    const { from, to } = pickleIn(bytes);
    return bytes.subarray(from, to);
  });
  return [
    { name: '.pth, zip', seeds: zips.map(zipSeed), read: readPth },
    {
      name: '.pth, zip, checksum of its pickle mended',
      seeds: zips.map((bytes) => ({ bytes, structure: [[pickleIn(bytes).from, pickleIn(bytes).to]] })),
      sameLength: true,
      mend: (bytes) => mendChecksum(bytes, zips),
      read: readPth,
    },
    { name: '.pth, legacy', seeds: [legacySeed()], read: readPth },
    {
      name: 'pickle',
      seeds: pickles.map((bytes) => ({ bytes, structure: [[0, bytes.length]] })),
      read: (bytes) => unpickle(new PickleReader(bytes, 'mutant'), 'mutant', storageOf),
    },
    {
      name: 'safetensors',
      seeds: [networkSeed()],
      read: (bytes) => decodeSafetensors(bytes, 'mutant'),
    },
    {
      name: 'network in safetensors',
      seeds: [networkSeed()],
      read: (bytes) => decodeBackbone(bytes, 'mutant'),
    },
  ];
}

/** Where the archive has its pickle, and its entry in the directory. */
function pickleIn(bytes: Buffer): { from: number; to: number; entry: number } {
  const name = bytes.lastIndexOf('/data.pkl');
  const entry = bytes.lastIndexOf(Buffer.from('PK\x01\x02'), name);
  const header = bytes.readUInt32LE(entry + 42);
  const from = header + 30 + bytes.readUInt16LE(header + 26) + bytes.readUInt16LE(header + 28);
  return { from, to: from + bytes.readUInt32LE(entry + 24), entry };
}

function zipSeed(bytes: Buffer): Seed {
  const { from, to } = pickleIn(bytes);
  const directory = bytes.readUInt32LE(bytes.length - 6);
  return {
    bytes,
    structure: [
      [from, to],
      [directory, bytes.length],
      [bytes.length - 120, bytes.length],
    ],
  };
}

/** Gives a mutant the checksum of the pickle that it now has. */
function mendChecksum(bytes: Buffer, seeds: Buffer[]): Buffer {
  const original = seeds.find((seed) => seed.length === bytes.length)!;
  const { from, to, entry } = pickleIn(original);
  bytes.writeUInt32LE(crc32(bytes.subarray(from, to)), entry + 16);
  return bytes;
}

function legacySeed(): Seed {
  const bytes = fixtureBytes('parallel-legacy.pth');
  // The pickles end where the list of the storages' keys does; after it there are lengths and numbers alone.
  const end = bytes.lastIndexOf('e.') + 2;
  return {
    bytes,
    structure: [
      [0, end],
      [0, 300],
      [end, end + 8],
    ],
  };
}

/** A network of width 1, with the header of such a file. */
function networkSeed(): Seed {
  const shapes = [...backboneShapes(1)];
  const size = (shape: number[]) => shape.reduce((product, length) => product * length, 1);
  const bytes = Buffer.concat(
    encodeBackbone({
      model: { width: 1, maxPool: false },
      tensors: new Map(shapes.map(([name, shape]) => [name, new Float32Array(size(shape))])),
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
  const header: [number, number] = [8, 8 + Number(bytes.readBigUInt64LE(0))];
  // The header far more often than its length.
  return { bytes, structure: [[0, 8], header, header, header, header, header] };
}
