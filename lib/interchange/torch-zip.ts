import { crc32 } from 'node:zlib';
import { type Entry, fromRandomAccessReaderPromise, RandomAccessReader, type ZipFile } from 'yauzl';
import type { ByteSource } from '../core/byte-source';
import { printable } from '../core/byte-source';
import { UserError } from '../core/errors';
import { PickleReader } from '../core/pickle/reader';
import { unpickle } from '../core/pickle/unpickle';
import type { TorchFile } from './torch-format';
import { storageOf } from './torch-legacy';

/** Far more than a network's names and shapes take. */
const longestPickle = 1 << 26;

/** A file of PyTorch 1.6 or newer: `<name>/data.pkl`, and each storage uncompressed as `<name>/data/<key>`. */
export async function readZipFile(source: ByteSource): Promise<TorchFile> {
  const members = await Members.open(source);
  const order = members.has('byteorder')
    ? (await members.read('byteorder', 16)).toString('latin1')
    : 'little';
  if (order !== 'little') {
    throw new UserError(
      `${source.name} was written on a machine of ${order}-endian byte order, which is not read.`,
    );
  }
  const pickle = await members.read('data.pkl', longestPickle);
  return {
    name: source.name,
    format: 'zip',
    value: unpickle(new PickleReader(pickle, source.name), source.name, storageOf),
    bytesOf: ({ key, length, type }) => {
      const expected = length * type.bytesPerNumber;
      return members.read(`data/${key}`, expected, expected);
    },
  };
}

/** The members of the archive, without the folder that all of them lie in. */
class Members {
  private constructor(
    private readonly source: ByteSource,
    private readonly zip: ZipFile,
    private readonly entries: Map<string, Entry>,
  ) {}

  static async open(source: ByteSource): Promise<Members> {
    const entries = new Map<string, Entry>();
    try {
      const zip = await fromRandomAccessReaderPromise(new SourceReader(source), source.size, {
        autoClose: false,
      });
      for await (const entry of zip.eachEntry()) {
        const name = entry.fileName.slice(entry.fileName.indexOf('/') + 1);
        if (entries.has(name)) throw new Error(`it has two members ${printable(name)}`);
        entries.set(name, entry);
      }
      return checkedMembers(new Members(source, zip, entries));
    } catch (error) {
      throw brokenZip(source, error);
    }
  }

  has(name: string): boolean {
    return this.entries.has(name);
  }

  /** @param most bytes that it may have; @param exactly bytes that it must have. */
  async read(path: string, most: number, exactly?: number): Promise<Buffer> {
    const entry = this.entries.get(path);
    const name = printable(path);
    if (!entry) throw brokenZip(this.source, `it has no member ${name}`);
    const size = entry.uncompressedSize;
    if (entry.compressionMethod !== 0 || entry.compressedSize !== size) {
      throw brokenZip(this.source, `its member ${name} is compressed, which PyTorch never does`);
    }
    if (size > most || (exactly !== undefined && size !== exactly)) {
      throw brokenZip(
        this.source,
        `its member ${name} has ${size} bytes where ${exactly ?? `at most ${most}`} belong`,
      );
    }
    const header = await this.zip.readLocalFileHeaderPromise(entry, { minimal: true }).catch((error) => {
      throw brokenZip(this.source, error);
    });
    const bytes = this.source.read(header.fileDataStart, size);
    if (crc32(bytes) !== entry.crc32)
      throw brokenZip(this.source, `its member ${name} does not have its checksum`);
    return bytes;
  }
}

function checkedMembers(members: Members): Members {
  if (members.has('constants.pkl')) {
    throw new Error('it is a TorchScript program; save model.state_dict() instead');
  }
  if (!members.has('data.pkl')) throw new Error('it has no member data.pkl');
  return members;
}

function brokenZip(source: ByteSource, problem: unknown): UserError {
  if (problem instanceof UserError) return problem;
  const what = (problem instanceof Error ? problem.message : String(problem)).replace(/\.$/, '');
  return new UserError(`${source.name} cannot be read as a file of PyTorch's: ${what}.`);
}

/** Lets yauzl read the archive's directory, of which it needs small parts alone. */
class SourceReader extends RandomAccessReader {
  constructor(private readonly source: ByteSource) {
    super();
  }

  override read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
    callback: (error: Error | null) => void,
  ): void {
    let problem: Error | null = null;
    try {
      this.source.read(position, length).copy(buffer, offset);
    } catch (error) {
      problem = error as Error;
    }
    callback(problem);
  }
}
