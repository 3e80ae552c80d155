import { statSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { type Entry, openPromise, type ZipFile } from 'yauzl';
import { UserError } from '../errors';
import { entryGuard, leavesFolder, publishersArchive } from './entry-guard';
import { MemberFile } from './member-file';
import type { Progress } from './progress';
import type { Member, Source } from './sources';

/** As `unpackArchive`, for a zip archive. */
export async function unpackZip(
  source: Source,
  archive: string,
  folder: string,
  onProgress?: Progress,
): Promise<Member[]> {
  let zip: ZipFile | undefined;
  try {
    // It also sees to it that no entry unpacks to more bytes than the guard is told.
    zip = await openPromise(archive, { autoClose: false, strictFileNames: true, validateEntrySizes: true });
    return await unpackEntries(zip, entryGuard(source, archive), folder, (done) =>
      onProgress?.(done, statSync(archive).size, 'unpack'),
    );
  } catch (error) {
    throw error instanceof UserError || (error as NodeJS.ErrnoException).syscall
      ? error
      : brokenZip(source, archive, error as Error);
  } finally {
    zip?.close();
  }
}

async function unpackEntries(
  zip: ZipFile,
  guard: ReturnType<typeof entryGuard>,
  folder: string,
  onBytes: (done: number) => void,
): Promise<Member[]> {
  const members: Member[] = [];
  let done = 0;
  for await (const entry of zip.eachEntry()) {
    const name = guard({ path: entry.fileName, kind: kindOf(entry), size: entry.uncompressedSize });
    if (name) members.push(await store(zip, entry, folder, name));
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

async function store(zip: ZipFile, entry: Entry, folder: string, name: string): Promise<Member> {
  const file = new MemberFile(folder, name);
  let crc = 0;
  try {
    for await (const chunk of await zip.openReadStreamPromise(entry)) {
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
