import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { crc32, inflateRawSync } from 'node:zlib';
import { type Entry, openPromise, type ZipFile } from 'yauzl';
import { UserError } from '../../core/errors';
import type { Progress } from '../dataset';
import type { Member, Source } from '../sources';
import { entryChecker, leavesFolder, MemberFile, publishersArchive } from './entries';

/** As `unpackArchive`, for a zip archive. */
export async function unpackZip(
  source: Source,
  archive: string,
  folder: string,
  onProgress?: Progress,
): Promise<Member[]> {
  let zip: ZipFile | undefined;
  const file = openSync(archive, 'r');
  try {
    // It also sees to it that no entry unpacks to more bytes than the guard is told.
    zip = await openPromise(archive, { autoClose: false, strictFileNames: true, validateEntrySizes: true });
    return await unpackEntries(zip, file, entryChecker(source, archive), folder, (done) =>
      onProgress?.(done, statSync(archive).size, 'unpack'),
    );
  } catch (error) {
    throw error instanceof UserError || (error as NodeJS.ErrnoException).syscall
      ? error
      : brokenZip(source, archive, error as Error);
  } finally {
    zip?.close();
    closeSync(file);
  }
}

/** The folder that the first entry is in; undefined if there is none, or the archive cannot be read. */
export async function firstZipFolder(archive: string): Promise<string | undefined> {
  let zip: ZipFile | undefined;
  try {
    zip = await openPromise(archive, { autoClose: false });
    for await (const { fileName } of zip.eachEntry()) {
      const [folder, ...rest] = fileName.split('/');
      return rest.length > 0 ? folder : undefined;
    }
  } catch {
    // Unpacking says what is wrong with it.
  } finally {
    zip?.close();
  }
  return undefined;
}

async function unpackEntries(
  zip: ZipFile,
  archive: number,
  guard: ReturnType<typeof entryChecker>,
  folder: string,
  onBytes: (done: number) => void,
): Promise<Member[]> {
  const members: Member[] = [];
  let done = 0;
  for await (const entry of zip.eachEntry()) {
    const name = guard({ path: entry.fileName, kind: kindOf(entry), size: entry.uncompressedSize });
    if (name) members.push(await store(zip, archive, entry, folder, name));
    done += entry.compressedSize;
    onBytes(done);
  }
  onBytes(zip.fileSize);
  return members;
}

/** What an entry is: by the file type bits of Unix where its writer set them. */
function kindOf(entry: Entry): string {
  const type = (entry.externalFileAttributes >>> 16) & 0o170000;
  if (entry.isEncrypted()) return 'file with a password';
  if (type === 0o120000) return 'symbolic link';
  if (type !== 0 && type !== 0o100000 && type !== 0o040000) return 'special file';
  return entry.fileName.endsWith('/') ? 'folder' : 'file';
}

async function store(
  zip: ZipFile,
  archive: number,
  entry: Entry,
  folder: string,
  name: string,
): Promise<Member> {
  const file = new MemberFile(folder, name);
  let crc = 0;
  try {
    for await (const chunk of await contentOf(zip, entry, archive)) {
      file.write(chunk);
      crc = crc32(chunk, crc);
    }
  } catch (error) {
    file.close();
    throw error;
  }
  const member = file.close();
  if (crc !== entry.crc32) throw new Error(`'${entry.fileName}' has not the checksum that the archive says`);
  return member;
}

/** Small files are read at once: a stream for each of 110,000 would take most of the time. */
async function contentOf(
  zip: ZipFile,
  entry: Entry,
  archive: number,
): Promise<AsyncIterable<Buffer> | Iterable<Buffer>> {
  const { compressedSize, uncompressedSize, compressionMethod } = entry;
  if (Math.max(compressedSize, uncompressedSize) > 1 << 20) return zip.openReadStreamPromise(entry);
  const { fileDataStart } = await zip.readLocalFileHeaderPromise(entry, { minimal: true });
  const packed = Buffer.alloc(compressedSize);
  if (readSync(archive, packed, 0, compressedSize, fileDataStart) < compressedSize)
    throw new Error('unexpected end');
  if (compressionMethod !== 0 && compressionMethod !== 8)
    throw new Error(`'${entry.fileName}' is packed in another way`);
  const content =
    compressionMethod === 8
      ? inflateRawSync(packed, { maxOutputLength: Math.max(1, uncompressedSize) })
      : packed;
  if (content.length !== uncompressedSize)
    throw new Error(`'${entry.fileName}' has not the length that the archive says`);
  return [content];
}

function brokenZip(source: Source, archive: string, { message }: Error): UserError {
  const [, path] =
    /(?:invalid relative path|absolute path|invalid characters in fileName): (.*)$/s.exec(message) ?? [];
  if (path && leavesFolder(path)) {
    return new UserError(
      `${archive} holds '${path}', which leaves the folder. It was not unpacked; ${publishersArchive(source)}`,
    );
  }
  return new UserError(
    `${archive} is not a readable zip archive (${message}; the file has ${statSync(archive).size} bytes). Fetch it ` +
      'again and run again.',
  );
}
